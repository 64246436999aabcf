import KitCore
import KitTensor

/// A loss with trained parameters, or with buffers that outlast a step. A recipe lists it among the modules to train,
/// and checkpoints contain its state along with theirs.
public protocol StatefulLoss: Loss {
    /// The loss's parameters and buffers, created on first use.
    var state: Module { get }
}

extension StatefulLoss {
    /// Creates the state now, so that its random values follow from the seed and the order of the recipe's modules.
    public func construct() throws -> Any {
        _ = state
        return self
    }

    public static var scriptFields: [ScriptField] {
        [ScriptField("state", on: (any StatefulLoss).self, Module.self) { $0.state }]
    }
}

/// The state of a loss: a module that consists only of parameters and buffers.
public final class LossState: Module {
    private let loss: String

    /// - Parameter loss: the name of the loss.
    public init(_ loss: String) { self.loss = loss }

    public override var summary: String { "state of \(loss)" }
}

/// A single tensor as a module, with the name `value`.
public final class ParameterModule: Module {
    public init(_ tensor: Tensor) {
        super.init()
        register(parameter: "value", tensor)
    }

    public override var summary: String { "parameter \(tensor("value").shape)" }
}

/// Something to train in a recipe: a module, a loss with state, or a parameter.
public struct TrainedModule: OptionConvertible {
    public let module: Module
    public let optionValue: OptionValue

    public static var optionTypeName: String { Module.optionTypeName }
    public var optionText: String { Self.optionTypeName }

    public init(option: OptionValue) throws {
        optionValue = option
        if case .object(let loss as any StatefulLoss) = option {
            module = loss.state
        } else if case .object(let tensor as Tensor) = option {
            guard tensor.requiresGrad else {
                throw OptionMismatch(expected: "a module, or a tensor of kit.parameter, which is trained")
            }
            module = ParameterModule(tensor)
        } else {
            module = try Module(option: option)
        }
    }
}
