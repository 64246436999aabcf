import CKernels
import KitCore

/// Reverse-mode differentiation: ops record how they were computed, `backward` walks the records in reverse.
public enum Autograd {
    private static let disabled = ThreadFlag()
    private static let repeated = ThreadFlag()
    private static let traced = ThreadFlag()
    /// Set while this thread computes the gradients of an op's inputs.
    static let isInBackward = ThreadFlag()

    /// Runs `body` without recording: nothing computed inside has a gradient. Affects only the calling thread.
    public static func noGrad<Result>(_ body: () throws -> Result) rethrows -> Result {
        try disabled.with(true, body)
    }

    /// Whether ops record their gradients on this thread.
    public static var isRecording: Bool { !disabled.isSet }

    /// Runs `body` with recording, to repeat a forward pass that ran without. Side effects of a forward pass, such as
    /// updating running statistics, happened the first time and are not repeated.
    public static func repeating<Result>(_ body: () throws -> Result) rethrows -> Result {
        try disabled.with(false) { try repeated.with(true, body) }
    }

    /// Whether this thread is repeating a forward pass.
    public static var isRepeating: Bool { repeated.isSet }

    /// Runs `body` and records the inputs of each op, but not what `backward` would need: `trainedSources` of the
    /// results are then known, with the memory of a pass without gradients.
    public static func tracing<Result>(_ body: () throws -> Result) rethrows -> Result {
        try traced.with(true, body)
    }

    /// Whether ops on this thread record only their inputs.
    static var isTracing: Bool { traced.isSet }
}

/// Turns the gradient of an op's result into one gradient per input; nil for inputs without one.
///
/// It runs without recording, so it may use ops. It may overwrite and return the given gradient if that is marked
/// `mayBeOverwritten` (see `Tensor.overwrittenOrNew`), and may return it for several inputs.
public typealias Backward = (_ gradient: Tensor) throws -> [Tensor?]

/// The parameters to whose gradients an op's backward pass adds, besides those of its inputs.
public enum OtherParameters: Sendable {
    case none
    /// The code that records the op knows them.
    case known
    /// Any parameters that a function uses.
    case unknown
}

extension Tensor {
    /// Marks this tensor, a fresh result, as computed from `inputs`.
    ///
    /// Capture in the closure only what backward needs, because it stays in memory until then. To use the result
    /// itself, capture `result.detached()`: the result owns the closure, so a reference cycle would keep it alive.
    ///
    /// - Parameters:
    ///   - operation: the op's name in messages and profiles.
    ///   - inputs: the tensors it was computed from, in the order in which `backward` returns their gradients.
    ///   - flops: the operations of products, for profiles; each input's gradient costs as many.
    ///   - others: whether `backward` also adds to the gradients of parameters that are not among the inputs. If so, it
    ///     runs even if no input needs a gradient.
    ///   - form: how the op is drawn in a graph for other programs (see `GraphForm`); nil if it cannot be.
    ///   - backward: computes the gradient of each input from that of the result.
    @discardableResult
    public func recorded(
        _ operation: String, _ inputs: [Tensor], flops: Double = 0, others: OtherParameters = .none,
        form: GraphForm? = nil, backward: @escaping Backward
    ) -> Tensor {
        let work = Profiler.active?.note(operation, inputs, self, flops: flops)
        GraphTape.active?.note(operation, inputs, self, form)
        if Autograd.isRecording, others != .none || inputs.contains(where: \.needsGrad) {
            node = Node(
                operation, shape, inputs: inputs.map(\.gradientNode), backward: Autograd.isTracing ? nil : backward)
            node?.others = others
            node?.work = work
        }
        return self
    }

    /// Adds the gradients of this scalar to the `grad` of every tensor it was computed from that requires one.
    ///
    /// Frees the saved buffers of each op once it has used them, so it can run only once for each graph.
    public func backward() throws {
        guard count == 1 else {
            throw KitError.usage("backward: starts from a scalar such as a loss, but the shape is \(shape)")
        }
        try backward(from: Tensor(repeating: 1, shape))
    }

    /// The same for a tensor of any shape, starting from the given gradient of the final result with respect to it.
    public func backward(from seed: Tensor) throws {
        guard seed.shape == shape else {
            throw KitError.usage("backward: the gradient's shape \(seed.shape) is not the tensor's \(shape)")
        }
        guard let root = gradientNode else {
            throw KitError.usage("backward: nothing this tensor was computed from requires a gradient")
        }
        var order = root.topologicalOrder()
        if let consumed = order.first(where: { $0.backward == nil && !$0.inputs.isEmpty }) {
            guard !Autograd.isTracing else {
                throw KitError.usage("backward: only the inputs of ops are recorded here, not their gradients")
            }
            throw KitError.usage(
                "backward: the graph was already consumed by an earlier backward (at \(consumed.operation)); "
                    + "add the losses and call backward once, or compute them again")
        }
        // A pass inside another is a part of it, which may come again.
        let isFinal = !Autograd.isInBackward.isSet && !order.contains { $0.others == .unknown }
        var pending: [ObjectIdentifier: Tensor] = [ObjectIdentifier(root): seed.copied()]
        while let node = order.popLast() {
            defer { node.backward = nil }
            // Check before anything is added to a gradient that is kept.
            try Interrupt.check()
            guard var gradient = pending.removeValue(forKey: ObjectIdentifier(node)) else { continue }
            gradient.mayBeOverwritten = Self.isUnshared(&gradient)
            guard let backward = node.backward else {
                node.leaf?.accumulate(gradient)
                try Autograd.tellSink(isFinal ? node.leaf : nil)
                continue
            }
            node.backward = nil
            let gradients = try Autograd.isInBackward.with(true) {
                try Autograd.noGrad {
                    guard let work = node.backwardWork, let profiler = Profiler.active else {
                        return try backward(gradient)
                    }
                    return try profiler.backward(node.operation, work) { try backward(gradient) }
                }
            }
            precondition(gradients.count == node.inputs.count, "\(node.operation): one gradient for each input")
            for (input, gradient) in zip(node.inputs, gradients) {
                guard let input, let gradient else { continue }
                precondition(
                    gradient.shape == input.shape,
                    "\(node.operation): gradient \(gradient.shape) for an input \(input.shape)")
                if var total = pending.removeValue(forKey: ObjectIdentifier(input)) {
                    Self.add(gradient, to: &total)
                    pending[ObjectIdentifier(input)] = total
                } else {
                    pending[ObjectIdentifier(input)] = gradient
                }
            }
            try Autograd.tellSink(nil)
        }
    }

    /// The recorded tensors that this one was computed from and that require a gradient.
    public var trainedSources: [Tensor] { gradientNode?.topologicalOrder().compactMap(\.leaf) ?? [] }

    /// For `Backward`: this gradient itself if nothing else refers to it, else new memory of its shape. Either way, the
    /// caller fills all of it. Kernels that read element i before they write it can work in place.
    public func overwrittenOrNew() -> Tensor { overwrittenOrNew(narrow: false) }

    /// The same for values of a type.
    func overwrittenOrNew(narrow: Bool) -> Tensor {
        guard mayBeOverwritten, isNarrow == narrow else { return Tensor(uninitialized: shape, narrow: narrow) }
        // A copy as floats would be of the earlier values.
        if narrow { memory = nil }
        return self
    }

    /// The node that receives a gradient for this tensor; nil if none is needed.
    private var gradientNode: Node? {
        if node == nil, requiresGrad { node = Node(leaf: self) }
        return node
    }

    private func accumulate(_ gradient: Tensor) {
        if !Autograd.sinkTakes(gradient, of: self) { gradient.accumulated(into: &grad) }
    }

    /// Adds this gradient to a sum that is nil at first.
    func accumulated(into total: inout Tensor?) {
        if total == nil {
            total = mayBeOverwritten && !isNarrow ? self : copied()
        } else {
            Self.add(self, to: &total!)
        }
        total?.mayBeOverwritten = false
    }

    /// Whether there is no other reference to the values: neither to the tensor nor, from a view, to its storage.
    private static func isUnshared(_ tensor: inout Tensor) -> Bool {
        isKnownUniquelyReferenced(&tensor)
            && (tensor.memory == nil || isKnownUniquelyReferenced(&tensor.memory))
            && (tensor.narrowMemory == nil || isKnownUniquelyReferenced(&tensor.narrowMemory))
    }

    /// Adds in place if nothing else refers to the total.
    private static func add(_ gradient: Tensor, to total: inout Tensor) {
        let isNarrow = total.isNarrow && gradient.isNarrow
        total.mayBeOverwritten = isUnshared(&total)
        let result = total.overwrittenOrNew(narrow: isNarrow)
        if isNarrow {
            Elementwise.runOnFloats([total, gradient], into: result) { operands, result, count in
                dk_active.pointee.add(operands[0], 0, 1, operands[1], 0, 1, result, 0, 1, count)
            }
        } else {
            Elementwise.run(dk_active.pointee.add, total, gradient, into: result)
        }
        result.mayBeOverwritten = false
        total = result
    }
}
