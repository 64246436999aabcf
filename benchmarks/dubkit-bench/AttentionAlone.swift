import Kit

/// Attention of queries to keys and values with several heads, forward and backward, or forward alone without gradients.
final class AttentionAlone: Workload {
    private let inputs: [Tensor]
    private let heads: Int
    private let isTraining: Bool

    init(_ spec: Spec) throws {
        let (batch, width): (Int, Int) = (try spec.get("batch"), try spec.get("width"))
        heads = try spec.get("heads")
        isTraining = try spec.get("training")
        let tokens: [Int] = try [spec.get("queries"), spec.get("keys"), spec.get("keys")]
        // Slices of one pattern, so that queries, keys and values differ.
        let all = Tensor.pattern([batch, tokens.reduce(0, +), heads * width])
        inputs = try all.split(axis: 1, tokens).map { try $0.copied() }
        if isTraining { for input in inputs { input.requiresGrad = true } }
    }

    func check() throws -> [String: [Float]] {
        let output = try step()
        var values = ["output": Array(output.values.prefix(4096))]
        if isTraining {
            for (name, input) in zip(["query", "key", "value"], inputs) {
                values["\(name) gradient"] = Array(input.grad!.values.prefix(4096))
            }
        }
        return values
    }

    func run() throws -> Double { try seconds { _ = try step() } }

    private func step() throws -> Tensor {
        for input in inputs { input.grad = nil }
        guard isTraining else {
            return try Autograd.noGrad { try inputs[0].attention(inputs[1], inputs[2], heads: heads) }
        }
        let output = try inputs[0].attention(inputs[1], inputs[2], heads: heads)
        try output.squared().mean().backward()
        return output
    }
}
