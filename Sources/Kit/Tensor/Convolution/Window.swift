import CKernels
import KitCore

/// The windows of a convolution or pool on its input: [batch, time, height, width, channels], or without time.
struct Window {
    let operation: String
    /// The names of the input's axes, batch first.
    let axes: [String]
    let batch: Int
    /// Time, height, width; time is 1 for two axes.
    let input: [Int]
    let output: [Int]
    let kernel: [Int]
    let stride: [Int]
    let padding: [Int]
    let rank: Int

    static let names = ["batch", "time", "height", "width", "channels"]

    /// - Parameters:
    ///   - rank: the number of window axes, 2 or 3; `kernel`, `stride` and `padding` have one number for each.
    init(
        _ operation: String, rank: Int, over shape: Shape, kernel: [Int], stride: [Int], padding: [Int]
    ) throws {
        let axes = Self.names.filter { rank == 3 || $0 != "time" }
        guard shape.rank == rank + 2 else {
            throw KitError.usage(
                "\(operation): the input must have the axes [\(axes.joined(separator: ", "))], but its shape is \(shape)"
            )
        }
        let windowAxes = axes.dropFirst().dropLast().joined(separator: ", ")
        for (what, numbers, least) in [("kernel", kernel, 1), ("stride", stride, 1), ("padding", padding, 0)]
        where numbers.count != rank || numbers.contains(where: { $0 < least }) {
            throw KitError.usage(
                "\(operation): \(what) must be \(rank) numbers (\(windowAxes)) of at least \(least), but is \(numbers)")
        }
        func padded(_ numbers: [Int], _ filler: Int) -> [Int] { rank == 3 ? numbers : [filler] + numbers }
        self.operation = operation
        self.axes = axes
        self.rank = rank
        batch = shape[0]
        input = padded(Array(shape.extents.dropFirst().dropLast()), 1)
        self.kernel = padded(kernel, 1)
        self.stride = padded(stride, 1)
        self.padding = padded(padding, 0)
        let room = zip(input, self.padding).map { $0 + 2 * $1 }
        output = (0..<3).map { [kernel = self.kernel, stride = self.stride] in (room[$0] - kernel[$0]) / stride[$0] + 1
        }
        for axis in 0..<3 where room[axis] < self.kernel[axis] {
            throw KitError.usage(
                "\(operation): a kernel of \(kernel) (\(windowAxes)) does not fit an input of shape "
                    + "\(shape.described(by: axes)) with a padding of \(padding)")
        }
    }

    var taps: Int { kernel.reduce(1, *) }
    /// Positions of the input and of the output, over the batch.
    var inputRows: Int { batch * input.reduce(1, *) }
    var outputRows: Int { batch * output.reduce(1, *) }

    /// The window in the form that the kernels take.
    var forward: dk_window {
        makeWindow { axis in
            dk_axis(
                grid: output[axis], source: input[axis], kernel: kernel[axis], stride: stride[axis], spread: 1,
                padding: padding[axis])
        }
    }

    /// The window through which the gradient of the input reads that of the output, with taps in reverse order.
    var backward: dk_window {
        makeWindow { axis in
            dk_axis(
                grid: input[axis], source: output[axis], kernel: kernel[axis], stride: 1, spread: stride[axis],
                padding: kernel[axis] - 1 - padding[axis])
        }
    }

    /// The gradient of the input, split by the remainder of positions modulo the strides. In each phase, every position
    /// is reached through the same taps, so there are no zeros between the gradients that it reads.
    var gradientPhases: [GradientPhase] {
        let axes = (0..<3).map { axis in
            (0..<min(stride[axis], input[axis])).map { GradientPhase.Axis(first: $0, of: axis, in: self) }
        }
        return axes[0].flatMap { time in
            axes[1].flatMap { height in axes[2].map { GradientPhase(axes: [time, height, $0]) } }
        }
    }

    func outputShape(channels: Int) -> Shape { Shape([batch] + output.suffix(rank) + [channels]) }

    private func makeWindow(_ axis: (Int) -> dk_axis) -> dk_window {
        dk_window(time: axis(0), height: axis(1), width: axis(2))
    }
}

extension dk_window {
    /// Whether every position reads only the same position of the source.
    var readsInPlace: Bool {
        [time, height, width].allSatisfy {
            $0.kernel == 1 && $0.stride == 1 && $0.spread == 1 && $0.padding == 0 && $0.grid == $0.source
        }
    }
}
