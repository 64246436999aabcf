import KitCore
import KitTensor

/// A function of tensors with named parameters: a layer, or a network of layers.
///
/// Names follow the public PyTorch model that the module mirrors, joined by dots: `blocks.0.conv.conv_t.weight`.
/// A subclass registers its parameters, buffers and children in its initialiser and overrides `forward`.
open class Module {
    public private(set) var ownParameters: [(name: String, tensor: Tensor)] = []
    /// State that is saved but not trained, such as running statistics.
    public private(set) var ownBuffers: [(name: String, tensor: Tensor)] = []
    public private(set) var children: [(name: String, module: Module)] = []
    /// The plugin that built it, with the options it was built from; nil for a module built by other means.
    public internal(set) var factory: (any ModuleFactory)?
    /// Of the tensors that files hold in another form than memory does.
    private var storedForms: [String: StoredForm] = [:]

    /// Whether layers such as batch norm and dropout behave as in training. True at first, as in PyTorch.
    public private(set) var isTraining = true
    /// The shape of what the last call gave; nil before the first one, and where a module's parent calls into it otherwise.
    public internal(set) var outputShape: Shape?

    public init() {}

    /// Maps one tensor to another. Checks its input's shape and throws a message that names the axes.
    open func forward(_ input: Tensor) throws -> Tensor {
        throw KitError(.internalFault, "\(type(of: self)) has no forward")
    }

    public final func callAsFunction(_ input: Tensor) throws -> Tensor {
        try Interrupt.check()
        let output = try Profiler.layer(self) { try forward(input) }
        try MemoryShortage.check()
        outputShape = output.shape
        return output
    }

    /// One line for `print`: "Linear(2048 -> 1024)".
    open var summary: String { "\(type(of: self))" }

    /// Adds a trained tensor under a name; returns it. `stored` is its form in weight files; nil for the same axes.
    @discardableResult
    public final func register(parameter name: String, _ tensor: Tensor, stored: StoredForm? = nil) -> Tensor {
        tensor.requiresGrad = true
        ownParameters.append((name, tensor))
        storedForms[name] = stored
        return tensor
    }

    @discardableResult
    public final func register(buffer name: String, _ tensor: Tensor, stored: StoredForm? = nil) -> Tensor {
        ownBuffers.append((name, tensor))
        storedForms[name] = stored
        return tensor
    }

    @discardableResult
    public final func register<Child: Module>(_ name: String, _ child: Child) -> Child {
        children.append((name, child))
        return child
    }

    /// The parameter or buffer that this module has registered under a name; it must have one.
    public final func tensor(_ name: String) -> Tensor {
        guard let own = (ownParameters + ownBuffers).first(where: { $0.name == name }) else {
            preconditionFailure("\(summary) has registered no tensor '\(name)'")
        }
        return own.tensor
    }

    /// All parameters, with their full names, in the order of registration.
    public final func namedParameters(prefix: String = "") -> [(name: String, tensor: Tensor)] {
        ownParameters.map { (prefix + $0.name, $0.tensor) }
            + children.flatMap { $0.module.namedParameters(prefix: "\(prefix)\($0.name).") }
    }

    /// All buffers, with their full names.
    public final func namedBuffers(prefix: String = "") -> [(name: String, tensor: Tensor)] {
        ownBuffers.map { (prefix + $0.name, $0.tensor) }
            + children.flatMap { $0.module.namedBuffers(prefix: "\(prefix)\($0.name).") }
    }

    /// All that weight files hold: parameters and buffers, in PyTorch's order.
    public final func stateEntries(prefix: String = "") -> [StateEntry] {
        (ownParameters + ownBuffers).map { name, tensor in
            StateEntry(
                name: prefix + name, tensor: tensor, form: storedForms[name] ?? .axes(Array(0..<tensor.shape.rank)))
        } + children.flatMap { $0.module.stateEntries(prefix: "\(prefix)\($0.name).") }
    }

    /// This module and all below it, with their full names.
    public final func namedModules(_ name: String) -> [(name: String, module: Module)] {
        [(name, self)] + children.flatMap { $0.module.namedModules("\(name).\($0.name)") }
    }

    public final var parameterCount: Int { namedParameters().reduce(0) { $0 + $1.tensor.count } }

    /// Switches this module and all below it to training or evaluation.
    public final func train(_ on: Bool = true) {
        isTraining = on
        for child in children { child.module.train(on) }
    }

    public final func clearGradients() {
        for parameter in namedParameters() { parameter.tensor.grad = nil }
    }
}
