import CKernels
import KitCore

/// Tensors of bfloat16 values, which only ops in that precision make. All others read such a tensor as float32.
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
