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
        /// The outputs of a linear layer, in tiles of this many columns.
        case columns(tile: Int)
    }

    /// The place of a weight in memory, which views of a parameter share, and what it was packed for.
    private struct Key: Hashable {
        let storage: ObjectIdentifier
        let offset: Int
        let extents: [Int]
        let form: Form
        let precision: ProductPrecision
    }

    private struct Entry {
        /// Nil once the weight is gone: another one may then have its identity.
        weak var storage: Storage?
        let factors: [PackedFactor]
    }

    private var known: [Key: Entry] = [:]

    public init() {}

    /// Runs `body`, whose convolutions and linear layers keep their packed weights and reuse those kept before.
    ///
    /// No weight may change between the first and the last call, since the packed ones would not follow. Affects only
    /// the calling thread.
    public func kept<Result>(during body: () throws -> Result) rethrows -> Result {
        try Self.current.with(Unmanaged.passUnretained(self).toOpaque(), body)
    }

    /// Whether this thread's layers reuse packed weights.
    static var areKept: Bool { current.pointer != nil }

    /// The packed factors of a weight for a form and a precision: the kept ones, or new ones from `make`.
    static func factors(
        of weight: Tensor, _ form: Form, _ precision: ProductPrecision, make: () -> [PackedFactor]
    ) -> [PackedFactor] {
        guard let current = Self.current.pointer else { return make() }
        let kept = Unmanaged<PackedWeights>.fromOpaque(current).takeUnretainedValue()
        let storage = weight.storage
        let key = Key(
            storage: ObjectIdentifier(storage), offset: weight.offset, extents: weight.shape.extents, form: form,
            precision: precision)
        if let entry = kept.known[key], entry.storage === storage { return entry.factors }
        let factors = make()
        guard !MemoryShortage.isPending, !Interrupt.mustStop else { return factors }
        // Otherwise, a weight that is computed anew for each batch would leave a packed copy of each.
        kept.known = kept.known.filter { $0.value.storage != nil }
        kept.known[key] = Entry(storage: storage, factors: factors)
        return factors
    }

    /// The object whose `kept` is running on this thread.
    private static let current = ThreadLocal()
}
