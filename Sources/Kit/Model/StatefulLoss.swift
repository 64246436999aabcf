import KitCore
import KitTensor

/// A loss with parameters that are trained, or buffers that outlast a step. A recipe names it among the modules that it
/// trains, and checkpoints hold its state beside theirs.
public protocol StatefulLoss: Loss {
    /// Its parameters and buffers; made when it is first asked for.
    var state: Module { get }
}

extension StatefulLoss {
    /// Makes the state now, so that what is random in it follows from the seed and the order of a recipe's modules.
    public func construct() throws -> Any {
        _ = state
        return self
    }

    public static var scriptFields: [ScriptField] {
        [ScriptField("state", on: (any StatefulLoss).self, Module.self) { $0.state }]
    }
}

/// What a loss keeps: a module that is nothing but its parameters and buffers.
public final class LossState: Module {
    private let loss: String

    /// - Parameter loss: the name of the loss.
    public init(_ loss: String) { self.loss = loss }

    public override var summary: String { "state of \(loss)" }
}

/// What a recipe names to be trained: a module, or a loss with state.
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
