import KitCore

/// One recorded op, or a tensor that collects gradients. Holds no data of its own: what backward needs is in the closure.
final class Node {
    let operation: String
    let shape: Shape
    /// The records of the inputs; nil for those that need no gradient. Empty for a tensor that collects gradients.
    private(set) var inputs: [Node?]
    /// Released as soon as it has run, which frees what it saved. Nil from the start if the op was only traced.
    var backward: Backward?
    /// The parameter whose `grad` is to be filled, if this is one. Parameters own their node, so this does not.
    private(set) weak var leaf: Tensor?

    /// What backward adds gradients to besides the inputs.
    var others = OtherParameters.none

    /// What the op did in its forward pass, if it was profiled.
    var work: Profiler.Work?

    /// What its backward pass has to do: the products once for each matrix that needs a gradient, and the gradients' traffic.
    var backwardWork: Profiler.Work? {
        work.map { work in
            let gradients = inputs.prefix(2).filter { $0 != nil }.count
            return Profiler.Work(
                layer: work.layer, elements: 2 * work.elements, flops: work.flops * Double(gradients))
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

    deinit { if !inputs.isEmpty { Graveyard.bury(&inputs, &backward) } }

    /// All records this one depends on, each after everything it was computed from. Iterative: graphs can be deep.
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

/// Releases what dying nodes held one after another instead of each inside the other's `deinit`: a chain of a hundred
/// thousand ops would overflow the stack.
private final class Graveyard {
    private var buried: [([Node?], Backward?)] = []

    /// Takes both away from a dying node: what it still held afterwards would die inside its deinit.
    static func bury(_ inputs: inout [Node?], _ backward: inout Backward?) {
        let outer = active.pointer.map { Unmanaged<Graveyard>.fromOpaque($0).takeUnretainedValue() }
        let graveyard = outer ?? Graveyard()
        graveyard.buried.append((inputs, backward))
        (inputs, backward) = ([], nil)
        guard outer == nil else { return }
        // Whatever dies with an entry is appended to the list meanwhile.
        active.with(Unmanaged.passUnretained(graveyard).toOpaque()) {
            while case .some = graveyard.buried.popLast() {}
        }
    }

    /// The one that this thread empties now.
    private static let active = ThreadLocal()
}
