import KitCore

/// Weights in the order in which products read them, kept between calls, so that a network packs its weights once and
/// not for every batch. For one clip, packing takes a tenth of resnet50's time.
public final class PackedWeights {
    /// The packed form of a weight.
    enum Form: Hashable {
        /// One group of a convolution's outputs.
        case outputs(group: Int)
        /// The points of Winograd's filtering.
        case points
    }

    private struct Key: Hashable {
        let weight: ObjectIdentifier
        let form: Form
        let precision: ProductPrecision
    }

    /// Each entry keeps its weight alive, so that no other tensor can get the same identity.
    private var known: [Key: (weight: Tensor, factors: [PackedFactor])] = [:]

    public init() {}

    /// Runs `body`, whose convolutions keep their packed weights and reuse those kept before.
    ///
    /// No weight may change between the first and the last call, since the packed ones would not follow. Affects only
    /// the calling thread.
    public func kept<Result>(during body: () throws -> Result) rethrows -> Result {
        try Self.current.with(Unmanaged.passUnretained(self).toOpaque(), body)
    }

    /// Whether this thread's convolutions reuse packed weights.
    static var areKept: Bool { current.pointer != nil }

    /// The packed factors of a weight for a form and a precision: the kept ones, or new ones from `make`.
    static func factors(
        of weight: Tensor, _ form: Form, _ precision: ProductPrecision, make: () -> [PackedFactor]
    ) -> [PackedFactor] {
        guard let current = Self.current.pointer else { return make() }
        let kept = Unmanaged<PackedWeights>.fromOpaque(current).takeUnretainedValue()
        let key = Key(weight: ObjectIdentifier(weight), form: form, precision: precision)
        if let known = kept.known[key] { return known.factors }
        let factors = make()
        guard !MemoryShortage.isPending, !Interrupt.mustStop else { return factors }
        kept.known[key] = (weight, factors)
        return factors
    }

    /// The object whose `kept` is running on this thread.
    private static let current = ThreadLocal()
}
