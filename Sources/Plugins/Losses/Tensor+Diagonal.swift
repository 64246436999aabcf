import Kit

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
