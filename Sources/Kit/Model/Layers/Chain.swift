import KitCore
import KitTensor

/// Modules one after the other, named 0, 1, 2...: PyTorch's `nn.Sequential`.
public final class Chain: Module {
    public init(_ modules: [Module]) {
        super.init()
        for (index, module) in modules.enumerated() { register("\(index)", module) }
    }

    public override func forward(_ input: Tensor) throws -> Tensor {
        try children.reduce(input) { try $1.module($0) }
    }

    public override var summary: String { "Chain(\(children.map(\.module.summary).joined(separator: ", ")))" }
}

/// An activation as a module, so that the layers around it in a chain get the same numbers as in PyTorch.
public final class Activate: Module {
    private let function: (Tensor) throws -> Tensor
    private let name: String

    public init(_ name: String, _ function: @escaping (Tensor) throws -> Tensor) {
        self.name = name
        self.function = function
    }

    public static var relu: Activate { Activate("ReLU") { $0.relu() } }

    public override func forward(_ input: Tensor) throws -> Tensor { try function(input) }

    public override var summary: String { name }
}
