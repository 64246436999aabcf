import CKernels
import KitCore

extension Tensor {
    /// The mean under each window of height and width; padding counts as zeros, as in PyTorch.
    ///
    /// - Parameters:
    ///   - kernel: height, width.
    ///   - stride: the kernel's extents if nil.
    ///   - padding: height, width: zeros on each side.
    /// - Returns: [batch, height', width', channels].
    public func avgPool2d(kernel: [Int], stride: [Int]? = nil, padding: [Int] = [0, 0]) throws -> Tensor {
        try averaged(Window(pool: "avgPool2d", 2, shape, kernel, stride, padding))
    }

    /// The mean under each window of time, height and width.
    public func avgPool3d(kernel: [Int], stride: [Int]? = nil, padding: [Int] = [0, 0, 0]) throws -> Tensor {
        try averaged(Window(pool: "avgPool3d", 3, shape, kernel, stride, padding))
    }

    /// The largest value under each window of height and width. Padding is never chosen; NaN always is.
    ///
    /// The gradient goes to the first of equal values.
    public func maxPool2d(kernel: [Int], stride: [Int]? = nil, padding: [Int] = [0, 0]) throws -> Tensor {
        try maximum(Window(pool: "maxPool2d", 2, shape, kernel, stride, padding))
    }

    /// The largest value under each window of time, height and width.
    public func maxPool3d(kernel: [Int], stride: [Int]? = nil, padding: [Int] = [0, 0, 0]) throws -> Tensor {
        try maximum(Window(pool: "maxPool3d", 3, shape, kernel, stride, padding))
    }

    private func averaged(_ window: Window) -> Tensor {
        let scale = 1 / Float(window.taps)
        let result = Tensor(uninitialized: window.outputShape(channels: shape[-1]))
        Self.sum(self, through: window.forward, times: scale, into: result)
        let inputShape = shape
        return result.recorded(window.operation, [self], form: window.poolForm("AveragePool")) { gradient in
            let result = Tensor(uninitialized: inputShape)
            Self.sum(gradient, through: window.backward, times: scale, into: result)
            return [result]
        }
    }

    private static func sum(_ source: Tensor, through window: dk_window, times scale: Float, into result: Tensor) {
        let channels = result.shape[-1]
        let (x, y) = (source.pointer, result.pointer)
        ThreadPool.shared.forEachRange(Rows(result.shape).count, grain: ColumnSums.grain(channels)) { rows in
            withUnsafePointer(to: window) {
                dk_active.pointee.sum_pool(
                    $0, x, channels, rows.lowerBound, rows.count, scale, y + rows.lowerBound * channels)
            }
        }
        withExtendedLifetime(source) {}
    }

    private func maximum(_ window: Window) throws -> Tensor {
        guard window.taps <= 256 else {
            throw KitError.usage(
                "\(window.operation): a window can have at most 256 values, but \(window.kernel) has \(window.taps)")
        }
        let channels = shape[-1]
        let result = Tensor(uninitialized: window.outputShape(channels: channels))
        // The chosen tap of each output, in a byte.
        let winners = Storage(count: (result.count + 3) / 4)
        let taps = UnsafeMutableRawPointer(winners.pointer).assumingMemoryBound(to: UInt8.self)
        let (x, y) = (pointer, result.pointer)
        ThreadPool.shared.forEachRange(window.outputRows, grain: ColumnSums.grain(channels)) { rows in
            withUnsafePointer(to: window.forward) {
                let start = rows.lowerBound * channels
                dk_active.pointee.max_pool(
                    $0, x, channels, rows.lowerBound, rows.count, y + start, taps + start)
            }
        }
        let inputShape = shape
        return result.recorded(window.operation, [self], form: window.poolForm("MaxPool")) { gradient in
            let result = Tensor(uninitialized: inputShape)
            let (dy, dx) = (gradient.pointer, result.pointer)
            ThreadPool.shared.forEachRange(window.inputRows, grain: ColumnSums.grain(channels)) { rows in
                withUnsafePointer(to: window.backward) {
                    dk_active.pointee.max_pool_gradient(
                        $0, dy, taps, channels, rows.lowerBound, rows.count, dx + rows.lowerBound * channels)
                }
            }
            withExtendedLifetime((winners, gradient)) {}
            return [result]
        }
    }
}

extension Window {
    /// The window of a pool. Its stride is the kernel unless given, and its padding at most half of the kernel.
    fileprivate init(
        pool operation: String, _ rank: Int, _ shape: Shape, _ kernel: [Int], _ stride: [Int]?, _ padding: [Int]
    ) throws {
        try self.init(
            operation, rank: rank, over: shape, kernel: kernel, stride: stride ?? kernel, padding: padding)
        if zip(padding, kernel).contains(where: { $0 > $1 / 2 }) {
            throw KitError.usage(
                "\(operation): padding must be at most half the kernel \(kernel), but is \(padding)")
        }
    }

    fileprivate func poolForm(_ op: String) -> GraphForm {
        func own(_ numbers: [Int]) -> [Int] { numbers.suffix(rank) }
        return .pool(op, kernel: own(kernel), stride: own(stride), padding: own(padding))
    }
}
