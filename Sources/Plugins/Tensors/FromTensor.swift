import Kit

/// A tensor from numbers in the recipe.
struct FromTensor: TensorMaker {
    static let name = "from"
    static let summary = "A tensor from nested lists of numbers: { { 1, 2 }, { 3, 4 } } has shape [2, 2]."
    static let reference = "numpy.array."

    @Param("The numbers, in lists of equal lengths.", positional: true) var values: OptionValue

    func make() throws -> Tensor { try Tensor(nested: values) }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(FromTensor.self) }
