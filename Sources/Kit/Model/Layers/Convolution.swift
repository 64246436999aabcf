import KitCore
import KitTensor

/// A convolution over [batch, time, height, width, channels], over [batch, height, width, channels] if its kernel has
/// two sides, or over [batch, time, channels] if it has one. PyTorch's `nn.Conv3d`, `nn.Conv2d` and `nn.Conv1d`.
public final class Convolution: Module {
    /// [out, kernel..., in / groups].
    public let weight: Tensor
    public let bias: Tensor?
    private let stride: [Int]
    private let padding: [Int]
    private let groups: Int

    /// - Parameters:
    ///   - inputs: the number of input channels.
    ///   - outputs: the number of output channels.
    ///   - kernel: the extents of the kernel, outermost axis first.
    ///   - stride: the step along each axis; 1 by default.
    ///   - padding: the zeros on both sides of each axis; by default half the kernel, so that an odd kernel with stride 1
    ///     keeps the size.
    ///   - groups: the number of groups of channels that are convolved separately.
    ///   - hasBias: whether to add a trained bias.
    ///   - initialiser: initialises the weight. The bias starts in the weight's range for `uniformFanIn`, as in PyTorch,
    ///     and at 0 for others.
    ///   - stored: the form of the weight in files, if it differs from PyTorch's for the same axes.
    ///   - random: the stream for fresh weights.
    public init(
        _ inputs: Int, _ outputs: Int, kernel: [Int], stride: [Int]? = nil, padding: [Int]? = nil, groups: Int = 1,
        bias hasBias: Bool = false, initialiser: Initialiser = .heFanOut, stored: StoredForm? = nil,
        _ random: inout RandomStream
    ) {
        weight = initialiser.tensor(Shape([outputs] + kernel + [inputs / groups]), &random)
        let isUniform = if case .uniformFanIn = initialiser { true } else { false }
        let bound = Float(1 / Double(max(1, weight.count / max(1, outputs))).squareRoot())
        bias = !hasBias ? nil : isUniform ? .uniform([outputs], -bound, bound, &random) : .zeros([outputs])
        self.stride = stride ?? kernel.map { _ in 1 }
        self.padding = padding ?? kernel.map { $0 / 2 }
        self.groups = groups
        super.init()
        register(parameter: "weight", weight, stored: stored ?? .convolution(rank: kernel.count + 2))
        if let bias { register(parameter: "bias", bias) }
    }

    public override func forward(_ input: Tensor) throws -> Tensor {
        switch stride.count {
        case 3: return try input.conv3d(weight: weight, bias: bias, stride: stride, padding: padding, groups: groups)
        case 2: return try input.conv2d(weight: weight, bias: bias, stride: stride, padding: padding, groups: groups)
        default:
            // Time is the width of an image of one row.
            return try input.asRow("convolution") { row in
                try row.conv2d(
                    weight: weight.unsqueezed(axis: 1), bias: bias, stride: [1] + stride, padding: [0] + padding,
                    groups: groups)
            }
        }
    }

    public override var summary: String {
        let sides = weight.shape.extents.dropFirst().dropLast().map(String.init).joined(separator: "x")
        return "Convolution(\(weight.shape[-1] * groups) -> \(weight.shape[0]), \(sides))"
    }
}

/// A pointwise convolution of pooled features, [batch, in] to [batch, out]: a linear layer whose weight has the shape
/// of a convolution in files.
public final class PooledConvolution: Module {
    private let weight: Tensor
    private let bias: Tensor?

    public init(_ inputs: Int, _ outputs: Int, bias hasBias: Bool, _ random: inout RandomStream) {
        weight = Initialiser.heFanOut.tensor([outputs, 1, 1, 1, inputs], &random)
        bias = hasBias ? .zeros([outputs]) : nil
        super.init()
        register(parameter: "weight", weight, stored: .convolution(rank: 5))
        if let bias { register(parameter: "bias", bias) }
    }

    public override func forward(_ input: Tensor) throws -> Tensor {
        try input.linear(weight.reshaped([weight.shape[0], weight.shape[-1]]), bias)
    }

    public override var summary: String { "PooledConvolution(\(weight.shape[-1]) -> \(weight.shape[0]))" }
}
