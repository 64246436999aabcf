import KitCore

extension Tensor {
    /// Convolution over time, height and width (cross-correlation, as everywhere in the field).
    ///
    /// - Parameters:
    ///   - weight: [out, time, height, width, in / groups].
    ///   - bias: [out].
    ///   - stride: steps along time, height, width.
    ///   - padding: zeros on both sides along time, height, width.
    ///   - groups: output channels see only the input channels of their own group. With as many groups as channels, it
    ///     is a depthwise convolution.
    /// - Returns: [batch, time', height', width', out] for an input [batch, time, height, width, in], where
    ///   time' = (time + 2 padding - kernel) / stride + 1, rounded down, and so on.
    public func conv3d(
        weight: Tensor, bias: Tensor? = nil, stride: [Int] = [1, 1, 1], padding: [Int] = [0, 0, 0], groups: Int = 1
    ) throws -> Tensor {
        try convolved("conv3d", 3, weight, bias, stride, padding, groups)
    }

    /// Convolution over height and width.
    ///
    /// - Parameters:
    ///   - weight: [out, height, width, in / groups].
    ///   - bias: [out].
    ///   - stride: steps along height, width.
    ///   - padding: zeros on both sides along height, width.
    ///   - groups: as in `conv3d`.
    /// - Returns: [batch, height', width', out] for an input [batch, height, width, in].
    public func conv2d(
        weight: Tensor, bias: Tensor? = nil, stride: [Int] = [1, 1], padding: [Int] = [0, 0], groups: Int = 1
    ) throws -> Tensor {
        try convolved("conv2d", 2, weight, bias, stride, padding, groups)
    }

    private func convolved(
        _ operation: String, _ rank: Int, _ weight: Tensor, _ bias: Tensor?, _ stride: [Int], _ padding: [Int],
        _ groups: Int
    ) throws -> Tensor {
        guard weight.shape.rank == rank + 2 else {
            let axes = ["out"] + Window.names.dropFirst(4 - rank).dropLast() + ["in / groups"]
            throw KitError.usage(
                "\(operation): the weight must have the axes [\(axes.joined(separator: ", "))], "
                    + "but its shape is \(weight.shape)")
        }
        let window = try Window(
            operation, rank: rank, over: shape, kernel: Array(weight.shape.extents.dropFirst().dropLast()),
            stride: stride, padding: padding)
        let (inChannels, outChannels) = (shape[-1], weight.shape[0])
        guard groups > 0, inChannels % groups == 0, outChannels % groups == 0 else {
            throw KitError.usage(
                "\(operation): groups must divide the \(inChannels) channels of the input and the \(outChannels) "
                    + "of the output, but is \(groups)")
        }
        guard weight.shape[-1] * groups == inChannels else {
            throw KitError.usage(
                "\(operation): the weight \(weight.shape) with \(counted(groups, "group")) takes "
                    + "\(counted(weight.shape[-1] * groups, "channel")), but the input has \(inChannels): "
                    + shape.described(by: window.axes))
        }
        if let bias, bias.shape != [outChannels] {
            throw KitError.usage("\(operation): the bias must be [\(outChannels)], but its shape is \(bias.shape)")
        }
        let precision = ProductPrecision.current
        let method = convolutionMethod(
            window, in: inChannels, out: outChannels, groups: groups, hasBias: bias != nil, precision: precision)
        let result = Tensor(
            uninitialized: window.outputShape(channels: outChannels), narrow: precision == .bfloat16)
        try ThreadPool.abandonable { method.apply(self, weight, bias, into: result) }
        // For backward, the input is kept for the weight's gradient and the weight for the input's.
        let input = weight.needsGrad ? saved() : nil
        let savedWeight = needsGrad ? weight : nil
        let weightShape = weight.shape
        let (inputShape, isNarrow) = (shape, self.isNarrow)
        let flops = 2 * Double(result.count) * Double(window.taps * inChannels / groups)
        return result.recorded(
            operation, [self, weight] + (bias.map { [$0] } ?? []), flops: flops,
            form: .convolution(stride: stride, padding: padding, groups: groups)
        ) { gradient in
            let weightGradient = try input.map { input in
                let result = Tensor(uninitialized: weightShape)
                try ThreadPool.abandonable { method.weightGradient(input, gradient, into: result) }
                return result
            }
            let inputGradient = try savedWeight.map { weight in
                let result = Tensor(uninitialized: inputShape, narrow: isNarrow)
                try ThreadPool.abandonable { method.inputGradient(gradient, weight, into: result) }
                return result
            }
            return [inputGradient, weightGradient] + (bias.map { [$0.needsGrad ? gradient.columnSums() : nil] } ?? [])
        }
    }
}

/// An algorithm for one kind of convolution. Results are overwritten. In the precision bfloat16, inputs and outputs may be
/// of that type.
protocol ConvolutionMethod {
    func apply(_ input: Tensor, _ weight: Tensor, _ bias: Tensor?, into output: Tensor)
    func inputGradient(_ outputGradient: Tensor, _ weight: Tensor, into inputGradient: Tensor)
    func weightGradient(_ input: Tensor, _ outputGradient: Tensor, into weightGradient: Tensor)
}

private func convolutionMethod(
    _ window: Window, in inChannels: Int, out outChannels: Int, groups: Int, hasBias: Bool,
    precision: ProductPrecision
) -> any ConvolutionMethod {
    if groups == inChannels, groups == outChannels {
        return DepthwiseConvolution(window: window, channels: inChannels)
    }
    if groups == 1, !hasBias, precision == .float32,
        let method = WinogradConvolution(window: window, in: inChannels, out: outChannels, precision: precision)
    {
        return method
    }
    return DenseConvolution(
        window: window, inChannels: inChannels, outChannels: outChannels, groups: groups, precision: precision)
}
