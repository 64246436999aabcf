import CKernels
import KitCore

/// Reverse-mode differentiation: ops record how they were computed, `backward` walks the records in reverse.
public enum Autograd {
    private static let disabled = ThreadFlag()
    private static let repeated = ThreadFlag()
    private static let traced = ThreadFlag()

    /// Runs `body` without recording: nothing computed inside has a gradient. Concerns the calling thread only.
    public static func noGrad<Result>(_ body: () throws -> Result) rethrows -> Result {
        try disabled.with(true, body)
    }

    /// Whether ops record their gradients on this thread.
    public static var isRecording: Bool { !disabled.isSet }

    /// Runs `body`, a forward pass that was made before without recording, once more and with it. What a forward pass does
    /// beside giving results, such as moving running statistics, it did the first time.
    public static func repeating<Result>(_ body: () throws -> Result) rethrows -> Result {
        try disabled.with(false) { try repeated.with(true, body) }
    }

    /// Whether this thread repeats a forward pass.
    public static var isRepeating: Bool { repeated.isSet }

    /// Runs `body` noting what results are computed from, but not what `backward` would need: `trainedSources` of its
    /// results are known at the memory of a pass without gradients.
    public static func tracing<Result>(_ body: () throws -> Result) rethrows -> Result {
        try traced.with(true, body)
    }

    /// Whether ops on this thread only note what they compute from.
    static var isTracing: Bool { traced.isSet }
}

/// Turns the gradient of an op's result into one gradient for each input; nil where none flows.
///
/// Runs without recording, so it may use ops. The gradient handed in may be overwritten and returned if it says
/// `mayBeOverwritten` (see `Tensor.overwrittenOrNew`); it may be returned for several inputs.
public typealias Backward = (_ gradient: Tensor) throws -> [Tensor?]

/// The parameters that an op has besides its inputs.
public enum OtherParameters: Sendable {
    case none
    /// Whoever records the op knows them.
    case known
    /// Any that a function uses.
    case unknown
}

extension Tensor {
    /// Marks this tensor, a fresh result, as computed from `inputs`.
    ///
    /// Capture in the closure only what backward needs: it is what stays in memory until backward has passed. To use
    /// the result itself, capture `result.detached()`: the result owns the closure, and would never be freed.
    ///
    /// - Parameters:
    ///   - operation: its name in messages and profiles.
    ///   - inputs: what it was computed from, in the order in which `backward` gives their gradients.
    ///   - flops: of products, for profiles; each input's gradient costs as many.
    ///   - others: whether backward also adds to the gradients of parameters that are not among the inputs: then it runs even if
    ///     no input needs a gradient.
    ///   - backward: gives the gradient of each input from that of the result.
    @discardableResult
    public func recorded(
        _ operation: String, _ inputs: [Tensor], flops: Double = 0, others: OtherParameters = .none,
        backward: @escaping Backward
    ) -> Tensor {
        let work = Profiler.active?.note(operation, inputs, self, flops: flops)
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
    /// Frees the saved buffers of each op as soon as it has passed it, so it can run once for each graph.
    public func backward() throws {
        guard count == 1 else {
            throw KitError.usage("backward: starts from a scalar such as a loss, but the shape is \(shape)")
        }
        try backward(from: Tensor(repeating: 1, shape))
    }

    /// The same for a tensor of any shape, given the gradient of the final result with respect to it.
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
                throw KitError.usage("backward: only what results are computed from is noted here, not their gradients")
            }
            throw KitError.usage(
                "backward: the graph was already consumed by an earlier backward (at \(consumed.operation)); "
                    + "add the losses and call backward once, or compute them again")
        }
        let isSelfContained = !order.contains { $0.others == .unknown }
        var pending: [ObjectIdentifier: Tensor] = [ObjectIdentifier(root): seed.copied()]
        while let node = order.popLast() {
            defer { node.backward = nil }
            // Before anything is added to a gradient that stays.
            try Interrupt.check()
            guard var gradient = pending.removeValue(forKey: ObjectIdentifier(node)) else { continue }
            gradient.mayBeOverwritten = Self.isUnshared(&gradient)
            guard let backward = node.backward else {
                node.leaf?.accumulate(gradient)
                try Autograd.tellSink(isSelfContained ? node.leaf : nil)
                continue
            }
            node.backward = nil
            let gradients = try Autograd.noGrad {
                guard let work = node.backwardWork, let profiler = Profiler.active else {
                    return try backward(gradient)
                }
                return try profiler.backward(node.operation, work) { try backward(gradient) }
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

    /// The tensors that require a gradient from which this one was computed, as far as that was recorded.
    public var trainedSources: [Tensor] { gradientNode?.topologicalOrder().compactMap(\.leaf) ?? [] }

    /// For `Backward`: this gradient itself if nobody else can see it, else new memory of its shape. Either way the
    /// caller fills all of it; kernels that read element i before they write it may write into what they read.
    public func overwrittenOrNew() -> Tensor { mayBeOverwritten ? self : Tensor(uninitialized: shape) }

    /// The record that a gradient for this tensor goes to; nil if none is needed.
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
            total = mayBeOverwritten ? self : copied()
        } else {
            Self.add(self, to: &total!)
        }
        total?.mayBeOverwritten = false
    }

    /// Whether no other reference reaches the values: neither to the tensor nor, as a view's would, to its storage.
    private static func isUnshared(_ tensor: inout Tensor) -> Bool {
        isKnownUniquelyReferenced(&tensor) && isKnownUniquelyReferenced(&tensor.memory)
    }

    /// Adds in place if nobody else can see the total.
    private static func add(_ gradient: Tensor, to total: inout Tensor) {
        let result = isUnshared(&total) ? total : Tensor(uninitialized: total.shape)
        Elementwise.run(dk_active.pointee.add, total, gradient, into: result)
        total = result
    }
}
