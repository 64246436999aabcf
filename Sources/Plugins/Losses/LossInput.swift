import Kit

extension Loss {
    /// Throws unless both are batches of embeddings of one shape [batch, features], with at least so many rows.
    ///
    /// - Parameter reason: why a single row does not do.
    func checkViews(
        _ a: Tensor, _ b: Tensor, least: Int = 2, since reason: String = "the other clips are the negatives"
    ) throws {
        guard a.shape.rank == 2, a.shape == b.shape, a.shape[1] > 0 else {
            throw KitError.usage(
                "\(Self.name): expected two batches of embeddings of one shape [batch, features], "
                    + "given \(a.shape) and \(b.shape)")
        }
        guard a.shape[0] >= least else {
            let why = least > 1 ? ", since \(reason)" : ""
            throw KitError.usage(
                "\(Self.name): expected a batch of at least \(least)\(why), "
                    + "given \(a.shape.described(by: ["batch", "features"]))")
        }
    }
}

extension Tensor {
    /// [size, size]: one number on the diagonal, another beside it. For masks.
    static func diagonal(_ size: Int, _ on: Float, beside off: Float = 0) -> Tensor {
        let result = Tensor(repeating: off, [size, size])
        for index in 0..<size { result.pointer[index * (size + 1)] = on }
        return result
    }

    /// Added to a similarity that is not to count in a softmax: its exponential vanishes.
    static var hidden: Float { -1e30 }
}
