import CKernels
import KitCore

/// The input positions of a strided window that have the same remainders modulo the strides, and the taps that reach
/// them.
struct GradientPhase {
    struct Axis {
        /// Positions first, first + stride, ... of the input's axis; `count` of them.
        let first: Int
        let stride: Int
        let count: Int
        /// The taps that reach them, in descending order.
        let taps: [Int]
        /// How these taps read the gradient of the output.
        let window: dk_axis

        init(first: Int, of axis: Int, in window: Window) {
            let (stride, kernel, padding) = (window.stride[axis], window.kernel[axis], window.padding[axis])
            self.first = first
            self.stride = stride
            count = (window.input[axis] - first + stride - 1) / stride
            // Output o reads tap k of input position i where o stride = i + padding - k.
            let lowestTap = (first + padding) % stride
            taps = Array(Swift.stride(from: lowestTap, to: kernel, by: stride).reversed())
            self.window = dk_axis(
                grid: count, source: window.output[axis], kernel: taps.count, stride: 1, spread: 1,
                padding: taps.count - 1 - (first + padding - lowestTap) / stride)
        }
    }

    /// Time, height, width.
    let axes: [Axis]

    /// The taps' numbers in the kernel of `window`, in the order in which this phase's window reads them.
    func taps(of window: Window) -> [Int] {
        axes[0].taps.flatMap { time in
            axes[1].taps.flatMap { height in
                axes[2].taps.map { (time * window.kernel[1] + height) * window.kernel[2] + $0 }
            }
        }
    }

    var window: dk_window { dk_window(time: axes[0].window, height: axes[1].window, width: axes[2].window) }

    /// The positions of one sample.
    var positions: Int { axes.reduce(1) { $0 * $1.count } }

    /// Calls `body` with the index of each row of this phase, over the batch, and that of its input row.
    func forEachRow(of window: Window, _ body: (_ index: Int, _ inputRow: Int) -> Void) {
        let (time, height, width) = (axes[0], axes[1], axes[2])
        let input = window.input
        ThreadPool.shared.forEachRange(window.batch * time.count * height.count, grain: 16) { lines in
            for line in lines {
                let (row, plane) = (line % height.count, line / height.count)
                let frame = plane / time.count * input[0] + time.first + plane % time.count * time.stride
                let first = (frame * input[1] + height.first + row * height.stride) * input[2] + width.first
                for column in 0..<width.count { body(line * width.count + column, first + column * width.stride) }
            }
        }
    }
}
