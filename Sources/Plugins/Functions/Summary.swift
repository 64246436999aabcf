import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(Summary.self) }

/// `kit.summary(encoder, { 1, 16, 224, 224, 3 })`.
struct Summary: Function, CalledWithArguments {
    static let name = "summary"
    static let summary =
        "Runs a module once and shows its layers: output shapes, trained values and MACs (multiply-accumulate operations)."
    static let reference = "As fvcore's and torchinfo's tables; MACs of convolutions and matrix products."
    static let arguments = ["module", "input"]
    static let returns: any OptionConvertible.Type = ModuleSummary.self

    @Param("The encoder, head or other module.") var module: Module
    @Param("Its input: a tensor, or the extents of one, batch first.") var input: SummaryInput

    func construct() throws -> Any { try ModuleSummary(module, input.tensor) }
}

/// A tensor, or the extents of one filled with zeros.
struct SummaryInput: OptionConvertible {
    let tensor: Tensor
    let optionValue: OptionValue

    static var optionTypeName: String { "tensor or list of extents" }

    init(option: OptionValue) throws {
        optionValue = option
        if case .object(let tensor as Tensor) = option {
            self.tensor = tensor
        } else if let extents = try? [Int](option: option), !extents.isEmpty {
            tensor = .zeros(try Shape(checking: extents, Summary.name))
        } else {
            throw OptionMismatch(expected: "a \(Self.optionTypeName)")
        }
    }
}
