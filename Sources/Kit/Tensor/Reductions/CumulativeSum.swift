import KitCore

extension Tensor {
    /// The sums of all elements up to each one along an axis.
    public func cumulativeSum(axis: Int = -1) throws -> Tensor {
        let axis = try shape.axis(axis, of: "cumsum")
        return runningSum(axis, isReversed: false).recorded(
            "cumsum", [self], form: GraphForm { .plain($0.node("CumSum", [$0.plain($1[0]), $0.ints([axis])])) }
        ) {
            [$0.runningSum(axis, isReversed: true)]
        }
    }

    private func runningSum(_ axis: Int, isReversed: Bool) -> Tensor {
        let result = Tensor(uninitialized: shape)
        let lanes = Lanes(shape, axis)
        let (x, y) = (pointer, result.pointer)
        ThreadPool.shared.forEachRange(lanes.count, grain: Swift.max(1, Elementwise.grain / Swift.max(1, lanes.length)))
        {
            for lane in $0 {
                let start = lanes.start(lane)
                var total = 0.0
                for index in 0..<lanes.length {
                    let place = start + (isReversed ? lanes.length - 1 - index : index) * lanes.step
                    total += Double(x[place])
                    y[place] = Float(total)
                }
            }
        }
        return result
    }

    /// The Euclidean length over the given axes (all of them by default). Its gradient at 0 is 0.
    public func norm(_ axes: [Int]? = nil, keepDims: Bool = false) throws -> Tensor {
        let isReduced = try reducedAxes(axes, "norm")
        let kept = Autograd.noGrad { Reduction.sum(self, times: self, over: isReduced).sqrt() }
        let saved = detached()
        let result = kept.view(keepDims ? kept.shape : kept.dropping(isReduced))
        return result.recorded("norm", [self], form: .reduction("ReduceL2", isReduced, keepDims: keepDims)) {
            gradient in
            let lengths = try kept + kept.equal(to: Tensor(0))
            return [try saved * (gradient.reshaped(kept.shape) / lengths)]
        }
    }
}
