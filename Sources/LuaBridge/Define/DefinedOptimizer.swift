import Kit

/// An optimizer written in Lua. All of them have the option `learning_rate`.
final class DefinedOptimizer: Optimizer, DefinedPlugin {
    static let functions = [
        (
            name: "update",
            help: """
            Called as update(weight, gradient, state, options) for each parameter with a gradient, without recording; \
            changes the weight and the tensors of state in place, weight:assign(weight - options.learning_rate * \
            gradient), and returns nothing. options.learning_rate is that of the step; state.step counts the parameter's steps from 1.
            """
        )
    ]

    static func fields() -> [(name: String, param: any AnyOption)] {
        [
            (
                "state",
                Param(
                    wrappedValue: [String](),
                    "Names of tensors that are kept for each parameter, of its shape and 0 at first: { \"velocity\" }.",
                    from: .ours)
            )
        ]
    }

    static func commonOptions() -> [(name: String, param: any AnyOption)] {
        [
            (
                "learning_rate",
                Param(wrappedValue: 1e-3, "Learning rate, before the schedule's factor.", in: 0...1000, from: .ours)
            )
        ]
    }

    let definition: Definition
    private init(_ definition: Definition) { self.definition = definition }
    static func make(_ definition: Definition) -> any DefinedPlugin { DefinedOptimizer(definition) }

    var learningRate: Double { definition.common("learning_rate") }

    func validate() throws {
        for name in try stateNames() where !LuaScanner.isName(name) || name == "step" {
            throw KitError.usage(
                "'state' must have names in Lua other than step, which counts the steps, but has \"\(name)\"")
        }
    }

    func stepper(for parameters: [(name: String, tensor: Tensor)]) throws -> any OptimizerStepper {
        DefinedStepper(definition, try stateNames(), parameters)
    }

    private func stateNames() throws -> [String] { try definition.field("state", as: [String].self) }
}

private final class DefinedStepper: OptimizerStepper {
    private struct Trained {
        let name: String
        let weight: Tensor
        let steps = Tensor(0)
        let state: [(name: String, tensor: Tensor)]
    }

    var stepCount = 0
    private let definition: Definition
    private let trained: [Trained]

    init(_ definition: Definition, _ names: [String], _ parameters: [(name: String, tensor: Tensor)]) {
        self.definition = definition
        trained = parameters.map { name, weight in
            Trained(name: name, weight: weight, state: names.map { ($0, Tensor(zerosOnceNeeded: weight.shape)) })
        }
    }

    func step(rate: Double) throws {
        for each in trained {
            guard let gradient = each.weight.grad else { continue }
            each.steps.pointer[0] += 1
            let state = each.state.map { (key: $0.name, value: OptionValue.object($0.tensor)) }
            let options = definition.options.map { name, param in
                (key: name, value: name == "learning_rate" ? .number(rate) : param.currentValue ?? .null)
            }
            let result = try Autograd.noGrad {
                try definition.function.call([
                    .object(each.weight), .object(gradient.detached()),
                    .table(Options(named: state + [("step", .int(Int(saturating: Double(each.steps.pointer[0]))))])),
                    .table(Options(named: options)),
                ])
            }
            try requireInPlace(result, [each.weight] + each.state.map(\.tensor))
        }
        stepCount += 1
    }

    /// Throws if an update returned something new, such as the next weight: the weight itself would not change. `assign`
    /// returns the tensor that it changes, so an update may end with it.
    private func requireInPlace(_ result: OptionValue, _ changed: [Tensor]) throws {
        switch result {
        case .null: return
        case .object(let tensor as Tensor) where changed.contains { $0 === tensor }: return
        default:
            throw definition.mismatch(
                "nothing and change the weight in place, as in weight:assign(new)", result.givenText)
        }
    }

    var state: [(name: String, tensor: Tensor)] {
        trained.flatMap { each in
            [("step.\(each.name)", each.steps)] + each.state.map { ("\($0.name).\(each.name)", $0.tensor) }
        }
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = {
    registerPlugin(DefinePlugin<DefinedOptimizer>.self)
}
