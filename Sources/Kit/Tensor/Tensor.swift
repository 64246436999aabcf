import KitCore

/// A float32 array of any rank, contiguous in memory, with the last axis fastest; channels are the last axis.
///
/// Between ops in the precision bfloat16, values may be stored in that type; they become float32 when `pointer` or `values`
/// are read.
///
/// A tensor may share its storage with others (`reshaped`, slices of the first axis). Only initialisers, optimizers and
/// the kit's own kernels write to one. Ops return new tensors and record their gradient (see `Autograd`).
public final class Tensor {
    public let shape: Shape
    /// Nil until something needs the values, which come from the map or are zeros.
    var memory: Storage?
    /// The values as bfloat16; `memory` is then a copy of them or nil.
    var narrowMemory: NarrowStorage?
    /// How to compute the values from others; nil if they are stored.
    let map: ChannelMap?
    /// Elements from the start of the storage to the first element.
    let offset: Int

    /// Whether `backward` stores a gradient here: true for parameters.
    public var requiresGrad: Bool {
        // Its place in graphs, from earlier uses, would otherwise keep collecting gradients.
        didSet { if !requiresGrad, node?.leaf === self { node = nil } }
    }
    /// The sum of the gradients of all `backward` calls since it was last cleared; nil if there was none.
    public var grad: Tensor?
    /// How this tensor was computed; nil for data, parameters, and anything computed without gradients.
    var node: Node?
    /// Where this tensor is in the graph that is being drawn; nil most of the time.
    var drawn: GraphValue?
    /// Set by `backward` on a gradient that nothing else refers to: the op that receives it may write its result there.
    public internal(set) var mayBeOverwritten = false
    /// Uninitialised memory of this shape, for kernels that fill all of it.
    public init(uninitialized shape: Shape) {
        self.shape = shape
        memory = Storage(count: shape.count)
        map = nil
        offset = 0
        requiresGrad = false
    }

    /// A view of existing storage.
    init(_ storage: Storage, offset: Int, shape: Shape) {
        precondition(offset + shape.count <= storage.count, "a view of \(shape) does not fit its storage")
        self.shape = shape
        memory = storage
        map = nil
        self.offset = offset
        requiresGrad = false
    }

    /// A view of existing bfloat16 values.
    init(_ storage: NarrowStorage, offset: Int, shape: Shape) {
        precondition(offset + shape.count <= storage.count, "a view of \(shape) does not fit its storage")
        self.shape = shape
        narrowMemory = storage
        map = nil
        self.offset = offset
        requiresGrad = false
    }

    /// Values that are computed when something needs them.
    init(_ map: ChannelMap) {
        shape = map.source.shape
        self.map = map
        offset = 0
        requiresGrad = false
    }

    /// Zeros that take no memory until something reads or writes them, for state that a run may never use.
    public init(zerosOnceNeeded shape: Shape) {
        self.shape = shape
        map = nil
        offset = 0
        requiresGrad = false
    }

    public convenience init(_ values: [Float], _ shape: Shape) {
        precondition(values.count == shape.count, "\(values.count) values do not fill a tensor of shape \(shape)")
        self.init(uninitialized: shape)
        guard !MemoryShortage.isPending, !values.isEmpty else { return }
        values.withUnsafeBufferPointer { pointer.update(from: $0.baseAddress!, count: values.count) }
    }

    public convenience init(repeating value: Float, _ shape: Shape) {
        self.init(uninitialized: shape)
        let first = pointer
        // Uses all threads, because the system clears fresh memory first, page by page.
        ThreadPool.shared.forEachRange(count, grain: 1 << 18) {
            (first + $0.lowerBound).update(repeating: value, count: $0.count)
        }
    }

    /// A scalar.
    public convenience init(_ value: Float) { self.init([value], []) }

    public static func zeros(_ shape: Shape) -> Tensor { Tensor(repeating: 0, shape) }
    public static func ones(_ shape: Shape) -> Tensor { Tensor(repeating: 1, shape) }

    public var count: Int { shape.count }
    /// Whether a gradient flows into this tensor.
    public var needsGrad: Bool { requiresGrad || node != nil }

    /// The memory of the values as floats, which are computed now if they were not needed before. Not safe from several
    /// threads at once.
    public var storage: Storage {
        if let memory { return memory }
        let filled = ThreadPool.whole {
            isNarrow ? narrowStorage.widened() : map?.filled() ?? Tensor.zeros(shape).storage
        }
        // Incomplete values after a memory shortage must not be kept.
        if !MemoryShortage.isPending { memory = filled }
        return filled
    }

    /// The memory of bfloat16 values, which are computed now if they were not needed before.
    var narrowStorage: NarrowStorage {
        if let narrowMemory { return narrowMemory }
        guard let map else { preconditionFailure("the values are float32") }
        let filled = ThreadPool.whole { map.filledNarrow() }
        if !MemoryShortage.isPending { narrowMemory = filled }
        return filled
    }

    /// Computes the values if they were not needed before.
    func settle() { _ = elements }

    /// The map that an op may use instead of the values; nil if there is none or the values are in memory.
    var pendingMap: ChannelMap? { memory == nil && narrowMemory == nil ? map : nil }

    /// The pending map, if it is only a factor and an offset for each channel.
    var pendingAffineMap: ChannelMap? { pendingMap.flatMap { $0.isAffine ? $0 : nil } }

    /// A pointer to the first element, valid while the tensor is alive: keep the tensor in a named variable across its
    /// use.
    public var pointer: UnsafeMutablePointer<Float> { storage.pointer + offset }

    /// All elements, copied, in memory order.
    public var values: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }

    /// The one element of a scalar (or of any tensor that holds one).
    public func item() throws -> Float {
        guard count == 1 else { throw KitError.usage("item: needs a tensor of one element, but its shape is \(shape)") }
        return pointer[0]
    }

    /// The same data without its history: no gradient flows through it. Shares the storage.
    public func detached() -> Tensor { view(shape) }

    /// The same values in another shape, without history. Shares the storage.
    func view(_ shape: Shape) -> Tensor { part(from: 0, shape) }

    /// The values from an element on in another shape, without history. Shares the storage.
    func part(from start: Int, _ shape: Shape) -> Tensor {
        isNarrow
            ? Tensor(narrowStorage, offset: offset + start, shape: shape)
            : Tensor(storage, offset: offset + start, shape: shape)
    }

    /// A copy of the data without its history.
    public func copied() -> Tensor {
        let result = Tensor(uninitialized: shape)
        let (from, to) = (pointer, result.pointer)
        ThreadPool.shared.forEachRange(count, grain: 1 << 18) {
            (to + $0.lowerBound).update(from: from + $0.lowerBound, count: $0.count)
        }
        return result
    }
}
