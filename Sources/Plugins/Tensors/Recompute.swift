import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(Recompute.self) }

/// `kit.recompute { f, x, chunk = 8 }`.
struct Recompute: Function {
    static let name = "recompute"
    static let summary =
        "Calls a function of tensors without keeping its activations: backward calls it once more (activation "
        + "checkpointing). In chunks of the batch, a contrastive loss of any batch size has its exact gradient in the memory "
        + "of one chunk (gradient caching); batch norm takes its statistics over a chunk. Returns what the function returns."
    static let source =
        "Chen et al. 2016, arXiv 1604.06174 (in one piece); Gao et al. 2021, arXiv 2101.06983 (in chunks)."

    @Param("The function, then the tensors [batch, ...] that it is called with.", positional: true)
    var call: [OptionValue]
    @Param("Rows of the batch that it is called with at once, 1 or more; nil for all.", from: .ours)
    var chunk: Int? = nil

    func construct() throws -> Any {
        guard let first = call.first, let function = try? Ref<any ScriptFunction>(option: first).object else {
            throw KitError.usage("takes a function first, but was given \(call.first?.givenText ?? "nothing")")
        }
        let inputs = try call.dropFirst().enumerated().map { index, value in
            guard case .object(let object) = value, let tensor = object as? Tensor else {
                throw KitError.usage("argument \(index + 2) must be a tensor, but is \(value.givenText)")
            }
            return tensor
        }
        let outputs = try Recomputation.apply(to: inputs, rows: chunk) { inputs in
            try function.results(inputs.map { .object($0) }).enumerated().map { index, value in
                guard case .object(let object) = value, let tensor = object as? Tensor else {
                    throw KitError.usage(
                        "result \(index + 1) of the function must be a tensor, but is \(value.givenText)")
                }
                return tensor
            }
        }
        return OptionValue.results(outputs.map { .object($0) })
    }
}
