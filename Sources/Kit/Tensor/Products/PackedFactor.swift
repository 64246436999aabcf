import CKernels
import KitCore

/// The right factor of a product, in the order in which the kernel `product` reads it.
struct PackedFactor {
    private let storage: Storage
    let depth: Int
    let columns: Int

    /// - Parameter first: element (k, j) is at first[k * depthStep + j * columnStep].
    init(_ first: UnsafePointer<Float>, depth: Int, columns: Int, depthStep: Int, columnStep: Int) {
        self.init(depth: depth, columns: columns)
        pack(first, depthStep: depthStep, columnStep: columnStep)
    }

    /// One that is still to be packed.
    init(depth: Int, columns: Int) {
        // Columns are filled up to whole vectors, of 16 floats at most.
        storage = Storage(count: depth * ((columns + 15) / 16 * 16))
        self.depth = depth
        self.columns = columns
    }

    func pack(_ first: UnsafePointer<Float>, depthStep: Int, columnStep: Int) {
        ThreadPool.shared.forEachRange(depth, grain: max(8, (1 << 14) / max(1, columns))) { [storage] rows in
            dk_active.pointee.pack(
                first, depth, columns, depthStep, columnStep, rows.lowerBound, rows.count, storage.pointer)
        }
    }

    /// c = a b, for rows of a that are `aStep` apart, and rows of c `cStep` apart; or c += a b.
    func multiply(
        _ a: UnsafePointer<Float>, step aStep: Int, into c: UnsafeMutablePointer<Float>, step cStep: Int, rows: Int,
        accumulate: Bool = false
    ) {
        dk_active.pointee.product(a, aStep, storage.pointer, c, cStep, rows, depth, columns, accumulate)
    }
}
