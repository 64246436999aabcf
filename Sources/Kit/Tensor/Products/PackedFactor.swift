import CKernels
import KitCore

/// The right factor of a product, in the order in which the kernels read it. Packed for the instruction set in use.
struct PackedFactor {
    private let storage: Storage
    let depth: Int
    let columns: Int
    let precision: ProductPrecision

    /// - Parameter first: element (k, j) is at first[k * depthStep + j * columnStep].
    init(
        _ first: UnsafePointer<Float>, depth: Int, columns: Int, depthStep: Int, columnStep: Int,
        precision: ProductPrecision
    ) {
        self.init(depth: depth, columns: columns, precision: precision)
        pack(first, depthStep: depthStep, columnStep: columnStep)
    }

    /// A factor that is not packed yet.
    init(depth: Int, columns: Int, precision: ProductPrecision) {
        // Columns are padded to whole vectors.
        let width = dk_active.pointee.capabilities.vector_floats
        storage = Storage(count: depth * ((columns + width - 1) / width * width))
        self.depth = depth
        self.columns = columns
        self.precision = precision
    }

    /// Valid while this factor is alive.
    var pointer: UnsafePointer<Float> { UnsafePointer(storage.pointer) }

    /// Packs it on all threads. One of the steps must be 1.
    func pack(_ first: UnsafePointer<Float>, depthStep: Int, columnStep: Int) {
        // Pairs of rows stay together.
        let grain = max(8, (1 << 14) / max(1, columns) / 2 * 2)
        ThreadPool.shared.forEachRange(depth, grain: grain) { [storage] rows in
            switch precision {
            case .float32:
                dk_active.pointee.pack(
                    first, depth, columns, depthStep, columnStep, rows.lowerBound, rows.count, storage.pointer)
            case .bfloat16:
                dk_active.pointee.narrow_pack(
                    first, depth, columns, depthStep, columnStep, rows.lowerBound, rows.count, storage.pointer)
            }
        }
    }
}
