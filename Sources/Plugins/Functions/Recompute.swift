import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(Recompute.self) }

/// `kit.recompute { f, x, chunk = 8 }`.
struct Recompute: Function {
    static let name = "recompute"
    static let summary =
        "Calls a function or a module without keeping its activations: backward calls it again (activation "
        + "checkpointing). In chunks of the batch, a contrastive loss of any batch size has its exact gradient in the memory "
        + "of one chunk (gradient caching); batch norm computes its statistics over a chunk. Returns the results of the call."
    static let reference =
        "Chen et al. 2016, arXiv 1604.06174 (in one piece); Gao et al. 2021, arXiv 2101.06983 (in chunks)."

    @Param("The function or module, then the tensors [batch, ...] that it is called with.", positional: true)
    var call: [OptionValue]
    @Param("Number of rows of the batch per call, 1 or more; nil for all.", from: .ours)
    var chunk: Int? = nil

    func construct() throws -> Any {
        let body = try body(of: call.first ?? .null)
        let inputs = try call.dropFirst().enumerated().map { index, value in
            try tensor(value, "argument \(index + 2)")
        }
        let outputs = try Recomputation.apply(to: inputs, rows: chunk, body)
        return OptionValue.results(outputs.map { .object($0) })
    }

    private func body(of callee: OptionValue) throws -> Recomputation.Body {
        if let function = try? ObjectOption<any ScriptFunction>(option: callee).object {
            return { inputs in
                try function.results(inputs.map { .object($0) }).enumerated().map { index, value in
                    try tensor(value, "result \(index + 1) of the function")
                }
            }
        }
        if let module = try? Module(option: callee) {
            guard call.count == 2 else {
                throw KitError.usage("a module takes one tensor, but was given \(call.count - 1) arguments")
            }
            return { [try module($0[0])] }
        }
        throw KitError.usage("takes a function or a module first, but was given \(callee.givenText)")
    }

    private func tensor(_ value: OptionValue, _ what: String) throws -> Tensor {
        guard case .object(let object) = value, let tensor = object as? Tensor else {
            throw KitError.usage("\(what) must be a tensor, but is \(value.givenText)")
        }
        return tensor
    }
}
