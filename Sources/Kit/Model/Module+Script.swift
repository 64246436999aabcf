import KitCore
import KitTensor

extension Module: ScriptObject {
    public static var scriptTypeName: String { "module" }
    public static var scriptSummary: String { "A network with named parameters; call it with a tensor." }
    public var scriptDescription: String { "\(summary), \(parameterCount) parameters" }
    public var scriptDisplay: String { ModuleTree(self).text(lines: 40) }
    /// PyTorch's names for methods of modules.
    public static var scriptForeignNames: [String: String] {
        [
            "forward": "module(x)", "state_dict": "module:parameters()", "named_parameters": "module:parameters()",
            "load_state_dict": "module:load(path)", "requires_grad_": "module:freeze()",
        ]
    }
    public var scriptBytes: Int {
        (namedParameters() + namedBuffers()).reduce(0) { $0 + $1.tensor.count * 4 }
    }

    public static var scriptMethods: [ScriptMethod] {
        [
            ScriptMethod(
                "__call", on: Module.self, "Applies the module.", ScriptArgument("input", Tensor.self),
                returns: Tensor.self
            ) { module, input in try module(input) },
            ScriptMethod(
                "train", on: Module.self,
                "Switches to training mode, or to evaluation mode with false. Returns the module.",
                ScriptArgument("on", Bool.self, default: true), returns: Module.self
            ) { module, on in
                module.train(on)
                return module
            },
            ScriptMethod(
                "eval", on: Module.self, "Switches to evaluation mode. Returns the module.", returns: Module.self
            ) { module in
                module.train(false)
                return module
            },
            ScriptMethod(
                "save", on: Module.self,
                "Writes all weights to a safetensors file, with PyTorch's names and layouts. Of several processes, rank 0 does.",
                ScriptArgument("path", String.self), returns: Module.self
            ) { module, path in
                try Session.current.processes.onFirst { try module.saveWeights(to: path) }
                return module
            },
            ScriptMethod(
                "load", on: Module.self,
                "Loads all weights from a safetensors file, strictly. Returns the module. With a prefix, loads those of one "
                    + "module of several. Names under one of `except` are ignored on both sides.",
                ScriptArgument("path", String.self), ScriptArgument("prefix", String?.self),
                ScriptArgument("except", [String]?.self), returns: Module.self
            ) { module, path, prefix, excepted in
                try module.loadWeights(from: path, prefix: prefix ?? "", except: excepted ?? [])
                return module
            },
            ScriptMethod(
                "parameters", on: Module.self, "All trained tensors, as a table by name.",
                returns: NamedOption<Tensor>.self
            ) { module in NamedOption(module.namedParameters().map { ($0.name, $0.tensor) }) },
            ScriptMethod(
                "zero_grad", on: Module.self,
                "Clears the gradients of all trained tensors, which `backward` accumulates. Returns the module.",
                returns: Module.self
            ) { module in
                for parameter in module.namedParameters() { parameter.tensor.grad = nil }
                return module
            },
            ScriptMethod(
                "copy", on: Module.self,
                "A copy of the module: another one with the same plugin, options, weights and buffers.",
                returns: Module.self
            ) { try $0.copied() },
            ScriptMethod(
                "freeze", on: Module.self, "Excludes all parameters from training. Returns the module.",
                returns: Module.self
            ) { module in
                module.freeze()
                return module
            },
            ScriptMethod(
                "follow", on: Module.self,
                "Moves all parameters of a frozen module towards those of another, decay * own + (1 - decay) * other, as in "
                    + "momentum encoders. Returns the module.",
                ScriptArgument("other", Module.self), ScriptArgument("decay", Double.self), returns: Module.self
            ) { module, other, decay in
                try module.follow(other, decay: decay)
                return module
            },
            ScriptMethod(
                "tree", on: Module.self,
                "The tree of its modules as text: names, trained values and the output shapes of the last call; all levels, or some.",
                ScriptArgument("levels", Int?.self), returns: String.self
            ) { module, levels in ModuleTree(module).text(depth: max(0, levels ?? .max)) },
            ScriptMethod("parameter_count", on: Module.self, "The number of trained values.", returns: Int.self) {
                $0.parameterCount
            },
        ]
    }
}

@section("dubkit_script_types") @used private let entry: PluginEntry = { registerScriptType(Module.self) }
