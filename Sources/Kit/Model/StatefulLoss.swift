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

/// Something to train in a recipe: a module, or a loss with state.
public struct TrainedModule: OptionConvertible {
    public let module: Module
    public let optionValue: OptionValue

    public static var optionTypeName: String { Module.optionTypeName }
    public var optionText: String { Self.optionTypeName }

    public init(option: OptionValue) throws {
        optionValue = option
        if case .object(let loss as any StatefulLoss) = option {
            module = loss.state
        } else {
            module = try Module(option: option)
        }
    }
}
