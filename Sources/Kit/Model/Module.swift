import KitCore
import KitTensor

/// A function of tensors with named parameters: a layer, or a network of layers.
///
/// Names follow the public PyTorch model that the module mirrors, joined by dots: `blocks.0.conv.conv_t.weight`.
/// A subclass registers its parameters, buffers and children in its initialiser and overrides `forward`.
open class Module {
    public private(set) var ownParameters: [(name: String, tensor: Tensor)] = []
    /// A buffer: state that is saved but not trained, such as running statistics.
    public private(set) var ownBuffers: [(name: String, tensor: Tensor)] = []
    public private(set) var children: [(name: String, module: Module)] = []
    /// The plugin that built this module, with its options; nil if it was built in another way.
    public internal(set) var factory: (any ModuleFactory)?
    /// The number of modules that were made before and with this one, by which the parts of a network are in the order in
    /// which they were made.
    package internal(set) var position = 0
    /// What to do with each output, in order: see `onForward`.
    var outputHooks: [(Tensor) throws -> Tensor?] = []
    /// An object that must live as long as this module, such as the interpreter of its forward function.
    package var companion: AnyObject?
    /// The forms of tensors that differ between files and memory.
    private var storedForms: [String: StoredForm] = [:]
    /// The tensors that are tables of positions.
    private var positionTables: [String: PositionTable] = [:]

    /// Whether layers such as batch norm and dropout are in training mode. True at first, as in PyTorch.
    public private(set) var isTraining = true
    /// The output shape of the last call; nil before the first call, or if the parent uses the module without calling
    /// it.
    public internal(set) var outputShape: Shape?

    public init() {}

    /// Maps one tensor to another. Implementations check the shape of the input and throw an error that names the axes.
    open func forward(_ input: Tensor) throws -> Tensor {
        throw KitError(.internalFault, "\(type(of: self)) has no forward")
    }

    /// Maps a tensor and further ones, for modules that take several. By default, only one is accepted.
    open func forward(_ input: Tensor, _ others: [Tensor]) throws -> Tensor {
        guard others.isEmpty else {
            throw KitError.usage("\(summary): takes one tensor, but was given \(others.count + 1)")
        }
        return try forward(input)
    }

    public final func callAsFunction(_ input: Tensor) throws -> Tensor { try self(input, []) }

    /// Applies the module to a tensor and further ones, if it takes several.
    public final func callAsFunction(_ input: Tensor, _ others: [Tensor]) throws -> Tensor {
        try called { try forward(input, others) }
    }

    /// Runs the work of a call: counts its ops towards this layer, applies hooks and notes the output's shape. Modules
    /// with a call of their own wrap it in this.
    public final func called(_ body: () throws -> Tensor) throws -> Tensor {
        try Interrupt.check()
        var output = try Profiler.layer(self, body)
        try MemoryShortage.check()
        outputShape = output.shape
        for hook in outputHooks { output = try hook(output) ?? output }
        return output
    }

    /// One line for `print`: "Linear(2048 -> 1024)".
    open var summary: String { "\(type(of: self))" }

    /// Registers a trained tensor under a name and returns it. `stored` is its form in weight files; nil for the same
    /// axes. `positions` says how it is a table of positions, if it is one.
    @discardableResult
    public final func register(
        parameter name: String, _ tensor: Tensor, stored: StoredForm? = nil, positions: PositionTable? = nil
    ) -> Tensor {
        tensor.requiresGrad = true
        ownParameters.append((name, tensor))
        storedForms[name] = stored
        positionTables[name] = positions
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

    /// The parameter or buffer that this module registered under a name, which must exist.
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

    /// Everything in a weight file: parameters and buffers, in PyTorch's order.
    public final func stateEntries(prefix: String = "") -> [StateEntry] {
        (ownParameters + ownBuffers).map { name, tensor in
            StateEntry(
                name: prefix + name, tensor: tensor, form: storedForms[name] ?? .axes(Array(0..<tensor.shape.rank)),
                positions: positionTables[name])
        } + children.flatMap { $0.module.stateEntries(prefix: "\(prefix)\($0.name).") }
    }

    /// This module and all modules inside it, with their full names.
    public final func namedModules(_ name: String) -> [(name: String, module: Module)] {
        [(name, self)] + children.flatMap { $0.module.namedModules("\(name).\($0.name)") }
    }

    /// The number of values of all parameters.
    public final var parameterCount: Int { count { _ in true } }

    /// The number of values of the parameters that are trained: those that are not frozen.
    public final var trainedCount: Int { count(\.requiresGrad) }

    private func count(_ isCounted: (Tensor) -> Bool) -> Int {
        namedParameters().reduce(0) { isCounted($1.tensor) ? $0 + $1.tensor.count : $0 }
    }

    /// The bytes of all parameters and buffers.
    final var bytes: Int {
        (ownParameters + ownBuffers).reduce(0) { $0 + $1.tensor.count * 4 }
            + children.reduce(0) { $0 + $1.module.bytes }
    }

    /// Switches this module and all modules inside it to training or evaluation mode.
    public final func train(_ on: Bool = true) {
        isTraining = on
        for child in children { child.module.train(on) }
    }

    public final func clearGradients() {
        for parameter in namedParameters() { parameter.tensor.grad = nil }
    }
}
