import KitCore

/// Compares an op's gradients with finite differences.
///
/// Outputs of any shape are projected on a random direction, L = sum p y, to get a scalar. Its gradient is compared
/// with (8 (L(x+h) - L(x-h)) - (L(x+2h) - L(x-2h))) / 12h. The error falls with h⁴, so that a step wide enough for
/// float32 is still accurate.
public struct GradientCheck {
    /// The step for an element of magnitude 1 or less; larger elements are moved in proportion.
    public var step: Float = 1.0 / 64
    /// The largest accepted difference, relative to the root mean square of the input's gradient (or to the element's own
    /// gradient where that is larger). Float32 rounding in the op makes about 1e-4 of it.
    public var tolerance = 5e-3
    /// The number of elements to check of each input, drawn at random if it has more.
    public var limit = 200
    public var seed = 1

    public init() {}

    /// The element with the largest difference.
    public struct Worst: CustomStringConvertible {
        public let input: String
        /// The element's index, in memory order.
        public let index: Int
        public let gradient: Double
        public let finiteDifference: Double
        /// The difference, relative as `tolerance` says.
        public let error: Double

        public var description: String {
            "input '\(input)', element \(index): gradient \(gradient), finite difference \(finiteDifference), "
                + "relative error \(error)"
        }
    }

    /// Checks the gradients of all inputs. Throws an error that names the worst element if it is off.
    ///
    /// - Parameters:
    ///   - operation: the op's name in messages.
    ///   - inputs: tensors by name, changed during the check and restored; their `grad` is replaced.
    ///   - function: the op, which computes one tensor from the inputs, the same each time.
    /// - Returns: the element with the largest difference.
    @discardableResult
    public func run(
        _ operation: String, _ inputs: [(name: String, tensor: Tensor)], _ function: ([Tensor]) throws -> Tensor
    ) throws -> Worst {
        let tensors = inputs.map(\.tensor)
        for tensor in tensors {
            tensor.requiresGrad = true
            tensor.grad = nil
        }
        var random = RandomStream(seed: seed)
        let output = try function(tensors)
        let direction = Tensor.uniform(output.shape, -1, 1, &random)
        guard output.needsGrad else { throw KitError(.internalFault, "\(operation): the result has no gradient") }
        try output.backward(from: direction)
        var worst: Worst?
        for (name, tensor) in inputs {
            guard let gradient = tensor.grad else {
                throw KitError(.internalFault, "\(operation): no gradient reached input '\(name)'")
            }
            let scale = ([gradient].globalNorm() / Double(tensor.count).squareRoot())
            for index in random.permutation(tensor.count).prefix(limit) {
                let difference = try finiteDifference(tensor, index) {
                    let output = try function(tensors)
                    return zip(output.values, direction.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
                }
                let exact = Double(gradient.pointer[index])
                let error = Swift.abs(exact - difference) / Swift.max(scale, Swift.abs(exact), 1e-6)
                if error > worst?.error ?? -1 || error.isNaN {
                    worst = Worst(
                        input: name, index: index, gradient: exact, finiteDifference: difference,
                        error: error.isNaN ? .infinity : error)
                }
            }
        }
        guard let worst else { throw KitError(.internalFault, "\(operation): no input with elements to check") }
        guard worst.error <= tolerance else {
            throw KitError(.internalFault, "\(operation): gradient is not the finite difference: \(worst)")
        }
        return worst
    }

    private func finiteDifference(_ tensor: Tensor, _ index: Int, _ loss: () throws -> Double) throws -> Double {
        let value = tensor.pointer[index]
        defer { tensor.pointer[index] = value }
        let distance = step * Swift.max(1, Swift.abs(value))
        func difference(_ distance: Float) throws -> (change: Double, width: Double) {
            let (above, below) = (value + distance, value - distance)
            return try Autograd.noGrad {
                tensor.pointer[index] = above
                let high = try loss()
                tensor.pointer[index] = below
                return (high - (try loss()), Double(above) - Double(below))
            }
        }
        let (near, far) = (try difference(distance), try difference(2 * distance))
        return (4 * near.change / near.width - far.change / far.width) / 3
    }
}
