import KitCore

extension Tensor {
    /// The matrix product [.., m, k] x [.., k, n] -> [.., m, n]; leading axes are batches, with broadcasting.
    ///
    /// - Parameters:
    ///   - other: the right factor.
    ///   - transposeA: this tensor is [.., k, m].
    ///   - transposeB: the other is [.., n, k].
    public func matmul(_ other: Tensor, transposeA: Bool = false, transposeB: Bool = false) throws -> Tensor {
        try matmul(other, transposeA: transposeA, transposeB: transposeB, precision: .float32)
    }

    private func matmul(
        _ other: Tensor, transposeA: Bool = false, transposeB: Bool = false, precision: ProductPrecision
    ) throws -> Tensor {
        guard shape.rank >= 2, other.shape.rank >= 2 else {
            throw KitError.usage(
                "matmul: needs at least two axes on both sides, but shapes are \(shape) and \(other.shape)")
        }
        let (m, k) = transposeA ? (shape[-1], shape[-2]) : (shape[-2], shape[-1])
        let (inner, n) = transposeB ? (other.shape[-1], other.shape[-2]) : (other.shape[-2], other.shape[-1])
        guard k == inner else {
            throw KitError.usage(
                "matmul: inner axes do not fit: [.., \(m), \(k)] x [.., \(inner), \(n)] "
                    + "(shapes \(shape)\(transposeA ? " transposed" : "") "
                    + "and \(other.shape)\(transposeB ? " transposed" : ""))")
        }
        try Gemm.check([m, n, k], "matmul")
        if shape.rank > 2, other.shape.rank == 2, !transposeA {
            // One matrix for all batches: all rows together form one tall matrix.
            return try reshaped([Shape.product([shape.batch.count, m]), k])
                .matmul(other, transposeB: transposeB, precision: precision)
                .reshaped(Shape(shape.batch.extents + [m, n]))
        }
        let batch = try Broadcasting.shape("matmul", shape.batch, other.shape.batch)
        let result = Tensor(uninitialized: try Shape(checking: batch.extents + [m, n], "matmul"))
        let (a, b, c) = (pointer, other.pointer, result.pointer)
        let (first, second) = (shape.batch.places(in: batch), other.shape.batch.places(in: batch))
        func factors(_ index: Int) -> (Gemm.Factor, Gemm.Factor) {
            (
                Gemm.Factor(a + first[index] * m * k, step: shape[-1], isTransposed: transposeA),
                Gemm.Factor(b + second[index] * k * n, step: other.shape[-1], isTransposed: transposeB)
            )
        }
        try ThreadPool.abandonable {
            if batch.count < 8 {
                for index in 0..<batch.count {
                    let (a, b) = factors(index)
                    Gemm.multiply(a, b, into: c + index * m * n, step: n, m: m, n: n, k: k, precision: precision)
                }
            } else {
                ThreadPool.shared.forEachRange(batch.count, grain: (1 << 19) / Swift.max(1, Shape.product([m, n, k]))) {
                    for index in $0 {
                        let (a, b) = factors(index)
                        Gemm.multiplySerially(
                            a, b, into: c + index * m * n, step: n, m: m, n: n, k: k, precision: precision)
                    }
                }
            }
        }
        return result.recorded(
            "matmul", [self, other], flops: 2 * Double(result.count) * Double(k),
            form: .matmul(transposeA, transposeB),
            backward: matmulGradient(other, transposeA, transposeB, precision))
    }

    private func matmulGradient(
        _ other: Tensor, _ transposeA: Bool, _ transposeB: Bool, _ precision: ProductPrecision
    ) -> Backward {
        let (needsA, needsB) = (needsGrad, other.needsGrad)
        let (a, b) = (detached(), other.detached())
        return { gradient in
            var (left, right): (Tensor?, Tensor?)
            if needsA {
                left =
                    transposeA
                    ? try b.matmul(gradient, transposeA: transposeB, transposeB: true, precision: precision)
                    : try gradient.matmul(b, transposeB: !transposeB, precision: precision)
            }
            if needsB {
                right =
                    transposeB
                    ? try gradient.matmul(a, transposeA: true, transposeB: transposeA, precision: precision)
                    : try a.matmul(gradient, transposeA: !transposeA, precision: precision)
            }
            return [left?.summed(to: a.shape), right?.summed(to: b.shape)]
        }
    }
}

extension Shape {
    /// All axes but the last two.
    fileprivate var batch: Shape { Shape(Array(extents.dropLast(2))) }

    /// For each element of a shape that this one is broadcast to, the index of its source element here.
    fileprivate func places(in target: Shape) -> [Int] {
        let own = strides
        return (0..<target.count).map { index in
            var (rest, place) = (index, 0)
            for back in 1...Swift.max(1, target.rank) where back <= target.rank {
                let position = rest % target[target.rank - back]
                rest /= target[target.rank - back]
                if back <= rank, self[rank - back] != 1 { place += position * own[rank - back] }
            }
            return place
        }
    }
}
