import Kit

/// `kit.parameter(0.07)`, `kit.parameter { 1, 0, 0 }`, `kit.parameter(kit.tensor.zeros { 1, 256 })`.
struct Parameter: Function, CalledWithArguments {
    static let name = "parameter"
    static let summary =
        "A tensor that is trained: a part of a network or loss, or one of the modules of kit.train. Its first values are copied from a number, nested lists or a tensor."
    static let reference = "PyTorch's nn.Parameter."
    static let arguments = ["value"]
    static let returns: any OptionConvertible.Type = Tensor.self

    @Param("The values at the start.") var value: OptionValue

    static func options(_ arguments: [OptionValue]) throws -> Options {
        // A single list is the value, not a table of options.
        if arguments.count == 1, case .table(let options) = arguments[0] { return options }
        guard let value = arguments.first, arguments.count == 1 else {
            throw KitError.usage("takes one value, but was given \(arguments.count)")
        }
        return Options(named: [("value", value)])
    }

    func construct() throws -> Any {
        let tensor: Tensor
        if case .object(let given) = value {
            guard let given = given as? Tensor else {
                throw KitError.usage(
                    "option 'value' must be a number, lists of numbers or a tensor, but is \(value.givenText)")
            }
            tensor = given.copied()
        } else {
            tensor = try Tensor(nested: value)
        }
        tensor.requiresGrad = true
        return tensor
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(Parameter.self) }
