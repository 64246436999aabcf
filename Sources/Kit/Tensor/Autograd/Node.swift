import KitCore

/// One recorded op, or a tensor that collects gradients. It holds no data itself: the closure has what backward needs.
final class Node {
    let operation: String
    let shape: Shape
    /// The nodes of the inputs; nil for those that need no gradient. Empty for a tensor that collects gradients.
    private(set) var inputs: [Node?]
    /// Released after it has run, which frees the tensors that it captured. Nil from the start if the op was only
    /// traced.
    var backward: Backward?
    /// The parameter whose `grad` to fill, if this is one. It is weak, because parameters own their node.
    private(set) weak var leaf: Tensor?

    /// The parameters that are not among the inputs and get gradients from backward.
    var others = OtherParameters.none

    /// The op's work in its forward pass, if it was profiled.
    var work: Profiler.Work?

    /// The work of its backward pass: the products once for each matrix that needs a gradient, and the traffic of the
    /// gradients.
    var backwardWork: Profiler.Work? {
        work.map { work in
            let gradients = inputs.prefix(2).filter { $0 != nil }.count
            return Profiler.Work(
                layer: work.layer, bytes: 2 * work.bytes, flops: work.flops * Double(gradients))
        }
    }

    init(_ operation: String, _ shape: Shape, inputs: [Node?], backward: Backward?) {
        self.operation = operation
        self.shape = shape
        self.inputs = inputs
        self.backward = backward
    }

    init(leaf: Tensor) {
        operation = "leaf"
        shape = leaf.shape
        inputs = []
        self.leaf = leaf
    }

    deinit { if !inputs.isEmpty { DeferredRelease.release(&inputs, &backward) } }

    /// All nodes that this one depends on, each after its own inputs. Iterative, because graphs can be deep.
    func topologicalOrder() -> [Node] {
        var order: [Node] = []
        var visited: Set<ObjectIdentifier> = [ObjectIdentifier(self)]
        var stack: [(node: Node, next: Int)] = [(self, 0)]
        while let (node, next) = stack.last {
            guard next < node.inputs.count else {
                order.append(node)
                stack.removeLast()
                continue
            }
            stack[stack.count - 1].next += 1
            if let input = node.inputs[next], visited.insert(ObjectIdentifier(input)).inserted {
                stack.append((input, 0))
            }
        }
        return order
    }
}

/// Releases the references of freed nodes one after another instead of recursively inside `deinit`: a chain of a
/// hundred thousand ops would overflow the stack.
private final class DeferredRelease {
    private var held: [([Node?], Backward?)] = []

    /// Takes both from a node in its `deinit`, so that nothing is released inside it.
    static func release(_ inputs: inout [Node?], _ backward: inout Backward?) {
        let outer = active.pointer.map { Unmanaged<DeferredRelease>.fromOpaque($0).takeUnretainedValue() }
        let pending = outer ?? DeferredRelease()
        pending.held.append((inputs, backward))
        (inputs, backward) = ([], nil)
        guard outer == nil else { return }
        // Nodes that are freed with an entry append to the list in the meantime.
        active.with(Unmanaged.passUnretained(pending).toOpaque()) {
            while case .some = pending.held.popLast() {}
        }
    }

    /// The list that this thread is emptying.
    private static let active = ThreadLocal()
}
