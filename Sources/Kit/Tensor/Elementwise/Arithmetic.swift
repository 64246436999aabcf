import CKernels
import Glibc
import KitCore

/// Arithmetic of two tensors, with numpy's broadcasting, and of a tensor and a number.
extension Tensor {
    public static func + (left: Tensor, right: Tensor) throws -> Tensor {
        let (a, b) = (left.shape, right.shape)
        return try Broadcasting("add", a, b).run(dk_active.pointee.add, left, right)
            .recorded("add", [left, right], form: .binary("Add")) { [$0.summed(to: a), $0.summed(to: b)] }
    }

    public static func - (left: Tensor, right: Tensor) throws -> Tensor {
        let (a, b) = (left.shape, right.shape)
        return try Broadcasting("subtract", a, b).run(dk_active.pointee.subtract, left, right)
            .recorded("subtract", [left, right], form: .binary("Sub")) { [$0.summed(to: a), -$0.summed(to: b)] }
    }

    public static func * (left: Tensor, right: Tensor) throws -> Tensor {
        let (a, b) = (left.shape, right.shape)
        // Each factor is kept only for the gradient of the other.
        let (x, y) = (right.needsGrad ? left.detached() : nil, left.needsGrad ? right.detached() : nil)
        return try Broadcasting("multiply", a, b).run(dk_active.pointee.multiply, left, right)
            .recorded("multiply", [left, right], form: .binary("Mul")) { gradient in
                let second = try x.map { try gradient.product($0, summedTo: b) }
                return [try y.map { try gradient.product($0, summedTo: a, overwriting: true) }, second]
            }
    }

    public static func / (left: Tensor, right: Tensor) throws -> Tensor {
        let (a, b) = (left.shape, right.shape)
        let result = try Broadcasting("divide", a, b).run(dk_active.pointee.divide, left, right)
        let (needsLeft, y) = (left.needsGrad, right.detached())
        let quotient = right.needsGrad ? result.detached() : nil
        return result.recorded("divide", [left, right], form: .binary("Div")) { gradient in
            // d(x / y) = dx / y - (x / y) dy / y.
            let scaled = try gradient / y
            let second = try quotient.map { -(try scaled.product($0, summedTo: b)) }
            return [needsLeft ? scaled.summed(to: a) : nil, second]
        }
    }

    /// The larger of two elements; NaN if one is. Where both are equal, each gets half of the gradient.
    public static func maximum(_ left: Tensor, _ right: Tensor) throws -> Tensor {
        try chosen("maximum", dk_active.pointee.larger, left, right, isLess: { try $1.less(than: $0) })
    }

    /// The smaller of two elements; NaN if one is. Where both are equal, each gets half of the gradient.
    public static func minimum(_ left: Tensor, _ right: Tensor) throws -> Tensor {
        try chosen("minimum", dk_active.pointee.smaller, left, right, isLess: { try $0.less(than: $1) })
    }

    private static func chosen(
        _ name: String, _ kernel: Elementwise.Rows, _ left: Tensor, _ right: Tensor,
        isLess isLeft: @escaping (Tensor, Tensor) throws -> Tensor
    ) throws -> Tensor {
        let (x, y) = (left.detached(), right.detached())
        return try Broadcasting(name, left.shape, right.shape).run(kernel, left, right)
            .recorded(name, [left, right], form: .binary(name == "maximum" ? "Max" : "Min")) { gradient in
                let share = try isLeft(x, y) + x.equal(to: y) * 0.5
                return [
                    try gradient.product(share, summedTo: x.shape), try gradient.product(1 - share, summedTo: y.shape),
                ]
            }
    }

    /// 1 where this element is less than the other, else 0. No gradient.
    public func less(than other: Tensor) throws -> Tensor {
        try Broadcasting("less", shape, other.shape).run(dk_active.pointee.is_less, self, other)
    }

    /// 1 where both elements are equal, else 0. No gradient.
    public func equal(to other: Tensor) throws -> Tensor {
        try Broadcasting("equal", shape, other.shape).run(dk_active.pointee.is_equal, self, other)
    }

    public static prefix func - (x: Tensor) -> Tensor { x * -1 }

    public static func + (x: Tensor, number: Float) -> Tensor {
        x.with(number, dk_active.pointee.add).recorded("add", [x], form: .number("Add", number)) { [$0] }
    }

    public static func + (number: Float, x: Tensor) -> Tensor { x + number }
    public static func - (x: Tensor, number: Float) -> Tensor { x + -number }

    public static func - (number: Float, x: Tensor) -> Tensor {
        let result = Tensor(uninitialized: x.shape)
        Elementwise.run(dk_active.pointee.subtract, number, x, into: result)
        return result.recorded("subtract", [x], form: .number("Sub", number, isFirst: true)) { [-$0] }
    }

    public static func * (x: Tensor, number: Float) -> Tensor {
        x.with(number, dk_active.pointee.multiply).recorded("multiply", [x], form: .number("Mul", number)) {
            [$0.scaledGradient(number)]
        }
    }

    public static func * (number: Float, x: Tensor) -> Tensor { x * number }

    public static func / (x: Tensor, number: Float) -> Tensor {
        x.with(number, dk_active.pointee.divide).recorded("divide", [x], form: .number("Div", number)) { [$0 / number] }
    }

    public static func / (number: Float, x: Tensor) -> Tensor {
        let result = Tensor(uninitialized: x.shape)
        Elementwise.run(dk_active.pointee.divide, number, x, into: result)
        let (quotient, y) = (result.detached(), x.detached())
        return result.recorded("divide", [x], form: .number("Div", number, isFirst: true)) {
            [-(try $0 * quotient / y)]
        }
    }

    /// Without recording.
    private func with(_ number: Float, _ kernel: Elementwise.Rows) -> Tensor {
        let result = Tensor(uninitialized: shape)
        Elementwise.run(kernel, self, number, into: result)
        return result
    }

    private func scaledGradient(_ factor: Float) -> Tensor {
        let result = overwrittenOrNew()
        Elementwise.run(dk_active.pointee.multiply, self, factor, into: result)
        return result
    }

    /// For backward: the sum of self * other over the axes along which a tensor of `shape` was broadcast.
    private func product(_ other: Tensor, summedTo target: Shape, overwriting: Bool = false) throws -> Tensor {
        if target != shape, other.shape == shape { return summed(to: target, times: other) }
        let plan = try Broadcasting("multiply", shape, other.shape)
        let result = overwriting ? overwrittenOrNew() : Tensor(uninitialized: shape)
        plan.run(dk_active.pointee.multiply, self, other, into: result)
        return result.summed(to: target)
    }
}
