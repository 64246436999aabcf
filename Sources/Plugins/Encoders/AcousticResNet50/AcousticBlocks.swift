import Kit

/// The sum of a convolution over 9 frames and one over 9 mel bands, both of stride 3 along the bands; batch norm, ReLU.
final class AcousticStem: Module {
    private let temporal: Convolution
    private let spectral: Convolution
    private let norm: BatchNorm

    init(_ inputs: Int, _ outputs: Int, _ random: inout RandomStream) {
        temporal = Convolution(inputs, outputs, kernel: [9, 1, 1], stride: [1, 1, 3], &random)
        spectral = Convolution(inputs, outputs, kernel: [1, 1, 9], stride: [1, 1, 3], &random)
        norm = BatchNorm(outputs)
        super.init()
        register("conv.convs.0", temporal)
        register("conv.convs.1", spectral)
        register("norm", norm)
    }

    override func forward(_ input: Tensor) throws -> Tensor { try norm(temporal(input) + spectral(input), .relu) }
}

/// A bottleneck: 3 frames (with the stride in time), then 3 x 3 (with the stride along the bands), then pointwise. In a
/// separable block, the middle is the sum of two branches, over 3 bands and over 3 frames, each with its own norm and
/// ReLU.
final class AcousticBlock: Module {
    private let shortcut: Convolution?
    private let shortcutNorm: BatchNorm?
    private let reduce: Convolution
    private let reduceNorm: BatchNorm
    private let middle: [(convolution: Convolution, norm: BatchNorm)]
    private let expand: Convolution
    private let expandNorm: BatchNorm

    init(_ inputs: Int, _ outputs: Int, stride: Int, isSeparable: Bool, _ random: inout RandomStream) {
        let inner = outputs / 4
        let projects = inputs != outputs || stride > 1
        shortcut =
            projects
            ? Convolution(inputs, outputs, kernel: [1, 1, 1], stride: [stride, 1, stride], &random) : nil
        shortcutNorm = projects ? BatchNorm(outputs) : nil
        reduce = Convolution(inputs, inner, kernel: [3, 1, 1], stride: [stride, 1, 1], &random)
        reduceNorm = BatchNorm(inner)
        let kernels = isSeparable ? [[1, 1, 3], [3, 1, 1]] : [[3, 1, 3]]
        middle = kernels.map {
            (Convolution(inner, inner, kernel: $0, stride: [1, 1, stride], &random), BatchNorm(inner))
        }
        expand = Convolution(inner, outputs, kernel: [1, 1, 1], &random)
        // pytorchvideo starts the last norm of every bottleneck at 0.
        expandNorm = BatchNorm(outputs, initialScale: 0)
        super.init()
        if let shortcut { register("branch1_conv", shortcut) }
        if let shortcutNorm { register("branch1_norm", shortcutNorm) }
        register("branch2.conv_a", reduce)
        register("branch2.norm_a", reduceNorm)
        for (index, layer) in middle.enumerated() {
            register(isSeparable ? "branch2.conv_b.\(index)" : "branch2.conv_b", layer.convolution)
            register(isSeparable ? "branch2.norm_b.\(index)" : "branch2.norm_b", layer.norm)
        }
        register("branch2.conv_c", expand)
        register("branch2.norm_c", expandNorm)
    }

    override func forward(_ input: Tensor) throws -> Tensor {
        let reduced = try reduceNorm(reduce(input), .relu)
        var x = try middle[0].norm(middle[0].convolution(reduced), .relu)
        for branch in middle.dropFirst() { x = try x + branch.norm(branch.convolution(reduced), .relu) }
        var residual = input
        if let shortcut, let shortcutNorm { residual = try shortcutNorm(shortcut(input)) }
        return try expandNorm(expand(x), .relu, residual: residual)
    }
}
