import Kit

/// Sums of products by Einstein's notation.
struct EinsumTensor: TensorMaker {
    static let name = "einsum"
    static let summary =
        "Sums of products by Einstein's notation, with gradients: kit.tensor.einsum { \"bij,bjk->bik\", x, y }."
    static let reference = "numpy.einsum; without diagonals and the ellipsis."

    @Param("The formula, then a tensor for each of its operands.", positional: true) var call: [OptionValue]

    func make() throws -> Tensor {
        guard case .string(let formula)? = call.first else {
            throw KitError.usage(
                "takes a formula first, such as \"ij,jk->ik\", but was given \((call.first ?? .null).givenText)")
        }
        return try .einsum(
            formula,
            call.dropFirst().enumerated().map { index, value in
                guard case .object(let tensor as Tensor) = value else {
                    throw KitError.usage("argument \(index + 2) must be a tensor, but is \(value.givenText)")
                }
                return tensor
            })
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(EinsumTensor.self) }
