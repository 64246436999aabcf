import KitCore

extension Tensor {
    /// x weightᵀ + bias over the last axis: [.., in] to [.., out].
    ///
    /// - Parameters:
    ///   - weight: [out, in].
    ///   - bias: [out], or nil for none.
    ///   - feedsProducts: whether the result goes only to products, directly or through ops that keep its type. If so, the
    ///     precision bfloat16 also stores it as bfloat16.
    public func linear(_ weight: Tensor, _ bias: Tensor? = nil, feedsProducts: Bool = false) throws -> Tensor {
        guard shape.rank >= 1, weight.shape.rank == 2, shape[-1] == weight.shape[1] else {
            throw KitError.usage(
                "linear: input \(shape) does not end in the weight's inner axis: weight [out, in] is \(weight.shape)")
        }
        let (outputs, inputs) = (weight.shape[0], weight.shape[1])
        if let bias, bias.shape != [outputs] {
            throw KitError.usage("linear: bias must be of shape [\(outputs)], but is \(bias.shape)")
        }
        let rows = Shape.product(shape.extents.dropLast())
        let precision = ProductPrecision.current
        try Gemm.check([rows, inputs, outputs], "linear")
        let result = Tensor(
            uninitialized: try Shape(checking: shape.extents.dropLast() + [outputs], "linear"),
            narrow: feedsProducts && precision == .bfloat16)
        try ThreadPool.abandonable {
            Gemm.multiply(
                Gemm.Factor(elements(for: precision), step: inputs),
                Gemm.Factor(weight.pointer, step: inputs, isTransposed: true), into: result.elements, step: outputs,
                m: rows, n: outputs, k: inputs, bias: bias.map { UnsafePointer($0.pointer) }, weight: weight,
                precision: precision)
        }
        let (needsInput, needsWeight) = (needsGrad, weight.needsGrad)
        let (x, w) = (needsWeight ? detached() : nil, needsInput ? weight.detached() : nil)
        let (before, isNarrow) = (shape, self.isNarrow && precision == .bfloat16)
        let flops = 2 * Double(rows) * Double(outputs) * Double(inputs)
        return result.recorded(
            "linear", [self, weight] + (bias.map { [$0] } ?? []), flops: flops, form: .linear
        ) { gradient in
            let g = gradient.elements(for: precision)
            var gradients: [Tensor?] = [nil, nil]
            if let w {
                let dx = Tensor(uninitialized: before, narrow: isNarrow)
                try ThreadPool.abandonable {
                    Gemm.multiply(
                        Gemm.Factor(g, step: outputs), Gemm.Factor(w.pointer, step: inputs), into: dx.elements,
                        step: inputs, m: rows, n: inputs, k: outputs, precision: precision)
                }
                gradients[0] = dx
            }
            if let x {
                let dw = Tensor(uninitialized: [outputs, inputs])
                try ThreadPool.abandonable {
                    Gemm.multiply(
                        Gemm.Factor(g, step: outputs, isTransposed: true),
                        Gemm.Factor(x.elements(for: precision), step: inputs), into: dw.pointer, step: inputs,
                        m: outputs, n: inputs, k: rows, precision: precision)
                }
                gradients[1] = dw
            }
            if bias != nil { gradients.append(gradient.columnSums()) }
            return gradients
        }
    }
}
