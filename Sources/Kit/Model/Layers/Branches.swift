import KitCore
import KitTensor

/// Modules that all get the same input, named 0, 1, 2... Their outputs are joined along the last axis, or added.
public final class Branches: Module {
    public enum Join: String, CaseIterable, ChoiceOption, Sendable { case concat, sum }

    private let join: Join

    public init(_ modules: [Module], join: Join) {
        self.join = join
        super.init()
        for (index, module) in modules.enumerated() { register("\(index)", module) }
    }

    public override func forward(_ input: Tensor) throws -> Tensor {
        let outputs = try children.map { try $0.module(input) }
        guard let first = outputs.first else { return input }
        switch join {
        case .concat: return try outputs.count == 1 ? first : .concat(outputs, axis: first.shape.rank - 1)
        case .sum: return try outputs.dropFirst().reduce(first) { try $0 + $1 }
        }
    }

    public override var summary: String { "Branches(\(join.rawValue) of \(children.count))" }
}

/// activation(body(x) + shortcut(x)); without a shortcut, x itself is added.
public final class Residual: Module {
    private let body: Module
    private let shortcut: Module?
    private let activation: Activation

    public init(_ body: Module, shortcut: Module? = nil, activation: Activation = .none) {
        self.body = body
        self.shortcut = shortcut
        self.activation = activation
        super.init()
        register("body", body)
        if let shortcut { register("shortcut", shortcut) }
    }

    public override func forward(_ input: Tensor) throws -> Tensor {
        let kept = try shortcut?(input) ?? input
        let x = try body(input)
        guard x.shape == kept.shape else {
            throw KitError.usage(
                "residual: the body gives \(x.shape), and the \(shortcut == nil ? "input" : "shortcut") is "
                    + "\(kept.shape): they must agree; a shortcut can change the shape")
        }
        let sum = try x + kept
        switch activation {
        case .none: return sum
        case .relu: return sum.relu()
        case .swish: return sum.swish()
        }
    }

    public override var summary: String { "Residual(\(body.summary))" }
}
