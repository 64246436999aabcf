import Kit

extension Tensor {
    /// [size, size]: one number on the diagonal and another elsewhere, for masks.
    static func diagonal(_ size: Int, _ on: Float, offDiagonal off: Float = 0) -> Tensor {
        let result = Tensor(repeating: off, [size, size])
        for index in 0..<size { result.pointer[index * (size + 1)] = on }
        return result
    }

    /// Added to similarities that must not count in a softmax, so that their exponentials vanish.
    static var hidden: Float { -1e30 }
}
