import KitCore

/// Weights in the order in which products read them, kept from one call to the next: a network that looks at batch after
/// batch puts its weights in order once, not each time. For one clip that is a tenth of resnet50's time.
public final class PackedWeights {
    /// The form in which a weight is kept.
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

    /// Each with its weight, which lives as long, so that no other can take its identity.
    private var known: [Key: (weight: Tensor, factors: [PackedFactor])] = [:]

    public init() {}

    /// Runs `body`, whose convolutions keep what they make of their weights and use what was kept before.
    ///
    /// No weight may change between the first call and the last: what was kept would not. Concerns the calling thread only.
    public func kept<Result>(during body: () throws -> Result) rethrows -> Result {
        try Self.current.with(Unmanaged.passUnretained(self).toOpaque(), body)
    }

    /// Whether this thread's convolutions find what they made of their weights before.
    static var areKept: Bool { current.pointer != nil }

    /// The factors of a weight in a form and for a precision: those that were kept, or new ones from `make`.
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

    /// The object whose `kept` runs on this thread.
    private static let current = ThreadLocal()
}
