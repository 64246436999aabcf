import KitCore
import KitTensor

/// The largest or the mean value under each window of one to three axes. PyTorch's `nn.MaxPool1d`, `2d`, `3d` and
/// `nn.AvgPool1d`, `2d`, `3d`.
public final class Pool: Module {
    public enum Kind: String, Sendable { case max, mean }

    private let kind: Kind
    private let kernel: [Int]
    private let stride: [Int]
    private let padding: [Int]

    /// - Parameters:
    ///   - kind: which value of a window is kept.
    ///   - kernel: the extents of the window, outermost axis first: time, height and width, height and width, or time.
    ///   - stride: the step along each axis; by default the window's extent.
    ///   - padding: the positions on both sides of each axis, at most half the window. They are never the largest value,
    ///     and count as zeros in a mean.
    public init(_ kind: Kind, kernel: [Int], stride: [Int]? = nil, padding: [Int]? = nil) {
        self.kind = kind
        self.kernel = kernel
        self.stride = stride ?? kernel
        self.padding = padding ?? kernel.map { _ in 0 }
    }

    public override func forward(_ input: Tensor) throws -> Tensor {
        guard kernel.count == 1 else { return try pooled(input, kernel, stride, padding) }
        return try input.asRow("\(kind) pool") { try pooled($0, [1] + kernel, [1] + stride, [0] + padding) }
    }

    private func pooled(_ input: Tensor, _ kernel: [Int], _ stride: [Int], _ padding: [Int]) throws -> Tensor {
        switch (kind, kernel.count) {
        case (.max, 3): try input.maxPool3d(kernel: kernel, stride: stride, padding: padding)
        case (.max, _): try input.maxPool2d(kernel: kernel, stride: stride, padding: padding)
        case (.mean, 3): try input.avgPool3d(kernel: kernel, stride: stride, padding: padding)
        case (.mean, _): try input.avgPool2d(kernel: kernel, stride: stride, padding: padding)
        }
    }

    public override var summary: String {
        "\(kind == .max ? "MaxPool" : "MeanPool")(\(kernel.map(String.init).joined(separator: "x")))"
    }
}
