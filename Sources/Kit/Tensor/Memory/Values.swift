import CKernels
import KitCore

/// How kernels see the values of a tensor that may be float32 or bfloat16.
extension dk_values {
    init(_ floats: UnsafePointer<Float>) {
        self.init(at: UnsafeMutableRawPointer(mutating: floats), are_narrow: false)
    }

    init(_ narrow: UnsafeMutablePointer<UInt16>) { self.init(at: UnsafeMutableRawPointer(narrow), are_narrow: true) }

    /// Scratch memory for values of a type. Use `Storage.count(of:narrow:)` of it.
    init(_ scratch: Storage, narrow: Bool) {
        self.init(at: UnsafeMutableRawPointer(scratch.pointer), are_narrow: narrow)
    }

    private var stride: Int { are_narrow ? 2 : 4 }

    /// From the value at an index on.
    func from(_ index: Int) -> dk_values { dk_values(at: at + index * stride, are_narrow: are_narrow) }

    /// They must be float32.
    var floats: UnsafeMutablePointer<Float> {
        assert(!are_narrow, "floats are expected")
        return at.assumingMemoryBound(to: Float.self)
    }

    func copy(_ other: dk_values, count: Int) {
        assert(are_narrow == other.are_narrow, "values of one type are expected")
        at.copyMemory(from: other.at, byteCount: count * stride)
    }

    func clear(count: Int) { at.initializeMemory(as: UInt8.self, repeating: 0, count: count * stride) }

    /// Stores floats, rounded if these are bfloat16.
    func store(_ floats: UnsafePointer<Float>, count: Int) {
        if are_narrow {
            dk_active.pointee.narrow_to_bfloat16(floats, at.assumingMemoryBound(to: UInt16.self), count)
        } else {
            self.floats.update(from: floats, count: count)
        }
    }

    /// Copies values to floats.
    func load(into floats: UnsafeMutablePointer<Float>, count: Int) {
        if are_narrow {
            dk_active.pointee.widen_bfloat16(at.assumingMemoryBound(to: UInt16.self), floats, count)
        } else {
            floats.update(from: self.floats, count: count)
        }
    }
}

extension Storage {
    /// Scratch memory for a number of values of a type.
    convenience init(count: Int, narrow: Bool) { self.init(count: narrow ? (count + 1) / 2 : count) }
}

extension Optional where Wrapped == dk_values {
    /// Calls `body` with a pointer to the values from an index on, or with null.
    func withPointer<Result>(from index: Int, _ body: (UnsafePointer<dk_values>?) -> Result) -> Result {
        guard let values = self?.from(index) else { return body(nil) }
        return withUnsafePointer(to: values) { body($0) }
    }
}

extension Tensor {
    /// Uninitialised memory of this shape for values of a type.
    convenience init(uninitialized shape: Shape, narrow: Bool) {
        guard narrow else {
            self.init(uninitialized: shape)
            return
        }
        self.init(NarrowStorage(count: shape.count), offset: 0, shape: shape)
    }

    /// Whether the values are bfloat16, as in the results of convolutions in that precision.
    ///
    /// Ops that know only float32 read `pointer`, for which the values are converted.
    package var isNarrow: Bool { narrowMemory != nil || memory == nil && map?.source.isNarrow == true }

    /// The size of the values in their own type.
    var bytes: Int { count * (isNarrow ? 2 : 4) }

    /// The values in their own type. Valid while the tensor is alive.
    package var elements: dk_values {
        guard isNarrow else { return dk_values(pointer) }
        return dk_values(narrowStorage.pointer).from(offset)
    }

    /// The values for an arithmetic: products of float32 need float32, the others take any type.
    func elements(for precision: ProductPrecision) -> dk_values {
        precision == .float32 ? dk_values(pointer) : elements
    }

    /// The values as bfloat16, without history: these themselves if they are, or a copy.
    package func narrowed() -> Tensor {
        guard !isNarrow else { return self }
        let result = Tensor(NarrowStorage.narrowed(pointer, count: count), offset: 0, shape: shape)
        result.mayBeOverwritten = true
        return result
    }

    /// The values in the type of another tensor, without history.
    func converted(toTypeOf other: Tensor) -> Tensor {
        guard isNarrow != other.isNarrow else { return self }
        return isNarrow ? Tensor(storage, offset: offset, shape: shape) : narrowed()
    }

    /// For backward: the same values without history. Those of a map stay uncomputed: keeping them would nearly double
    /// the memory of a network that alternates convolutions and normalisations, and their source is kept anyway.
    func saved() -> Tensor { map.map(Tensor.init) ?? detached() }
}
