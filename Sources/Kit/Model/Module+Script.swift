import KitCore
import KitTensor

extension Module: ScriptObject {
    public static var scriptTypeName: String { "module" }
    public static var scriptSummary: String { "A network with named parameters; call it with a tensor." }
    public var scriptDescription: String { "\(summary), \(parameterCount) parameters" }
    public var scriptDisplay: String { ModuleTree(self).text(lines: 40) }
    /// What PyTorch calls the things that modules do here.
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
                "__call", on: Module.self, "Applies the module.", ScriptParameter("input", Tensor.self),
                returns: Tensor.self
            ) { module, input in try module(input) },
            ScriptMethod(
                "train", on: Module.self, "Switches to training mode, or to evaluation with false; returns the module.",
                ScriptParameter("on", Bool.self, default: true), returns: Module.self
            ) { module, on in
                module.train(on)
                return module
            },
            ScriptMethod(
                "eval", on: Module.self, "Switches to evaluation mode; returns the module.", returns: Module.self
            ) { module in
                module.train(false)
                return module
            },
            ScriptMethod(
                "save", on: Module.self, "Writes all weights to a safetensors file, with PyTorch's names and layouts.",
                ScriptParameter("path", String.self), returns: Module.self
            ) { module, path in
                try module.saveWeights(to: path)
                return module
            },
            ScriptMethod(
                "load", on: Module.self,
                "Takes all weights from a safetensors file, strictly; returns the module. With a prefix, those of one "
                    + "module of several; names under one of `except` are left out on both sides.",
                ScriptParameter("path", String.self), ScriptParameter("prefix", String?.self),
                ScriptParameter("except", [String]?.self), returns: Module.self
            ) { module, path, prefix, excepted in
                try module.loadWeights(from: path, prefix: prefix ?? "", except: excepted ?? [])
                return module
            },
            ScriptMethod(
                "parameters", on: Module.self, "All trained tensors, as a table by name.",
                returns: Named<Tensor>.self
            ) { module in Named(module.namedParameters().map { ($0.name, $0.tensor) }) },
            ScriptMethod(
                "zero_grad", on: Module.self,
                "Clears the gradients of all trained tensors, to which `backward` adds; returns the module.",
                returns: Module.self
            ) { module in
                for parameter in module.namedParameters() { parameter.tensor.grad = nil }
                return module
            },
            ScriptMethod(
                "copy", on: Module.self, "Another module of the same plugin, options, weights and buffers.",
                returns: Module.self
            ) { try $0.copied() },
            ScriptMethod(
                "freeze", on: Module.self, "Takes all parameters out of training; returns the module.",
                returns: Module.self
            ) { module in
                module.freeze()
                return module
            },
            ScriptMethod(
                "follow", on: Module.self,
                "Moves all parameters of a frozen module towards those of another: decay * own + (1 - decay) * other's, as "
                    + "momentum encoders do; returns the module.",
                ScriptParameter("other", Module.self), ScriptParameter("decay", Double.self), returns: Module.self
            ) { module, other, decay in
                try module.follow(other, decay: decay)
                return module
            },
            ScriptMethod(
                "tree", on: Module.self,
                "What it is made of, as text: names, trained values, the shapes of what the last call gave; all levels, or some.",
                ScriptParameter("levels", Int?.self), returns: String.self
            ) { module, levels in ModuleTree(module).text(depth: max(0, levels ?? .max)) },
            ScriptMethod("parameter_count", on: Module.self, "The number of trained values.", returns: Int.self) {
                $0.parameterCount
            },
        ]
    }
}

@section("dubkit_script_types") @used private let entry: PluginEntry = { registerScriptType(Module.self) }
