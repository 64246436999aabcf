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
                "__call", on: Module.self, "Applies the module.", [ScriptParameter("input", "tensor")],
                returns: "tensor"
            ) { module, arguments in .object(try module(arguments.object(0, as: Tensor.self))) },
            ScriptMethod(
                "train", on: Module.self, "Switches to training mode, or to evaluation with false; returns the module.",
                [ScriptParameter("on", "boolean", optional: true)], returns: "module"
            ) { module, arguments in
                module.train(try arguments.get(0, as: Bool?.self) ?? true)
                return .object(module)
            },
            ScriptMethod("eval", on: Module.self, "Switches to evaluation mode; returns the module.", returns: "module")
            { module, _ in
                module.train(false)
                return .object(module)
            },
            ScriptMethod(
                "save", on: Module.self, "Writes all weights to a safetensors file, with PyTorch's names and layouts.",
                [ScriptParameter("path", "string")], returns: "module"
            ) { module, arguments in
                try module.saveWeights(to: arguments.get(0))
                return .object(module)
            },
            ScriptMethod(
                "load", on: Module.self,
                "Takes all weights from a safetensors file, strictly; returns the module. With a prefix, those of one "
                    + "module of several; names under one of `except` are left out on both sides.",
                [
                    ScriptParameter("path", "string"), ScriptParameter("prefix", "string", optional: true),
                    ScriptParameter("except", "list of strings", optional: true),
                ], returns: "module"
            ) { module, arguments in
                try module.loadWeights(
                    from: arguments.get(0), prefix: try arguments.get(1, as: String?.self) ?? "",
                    except: try arguments.get(2, as: [String]?.self) ?? [])
                return .object(module)
            },
            ScriptMethod(
                "parameters", on: Module.self, "All trained tensors, as a table by name.",
                returns: "table of named tensors"
            ) { module, _ in
                .table(Options(named: module.namedParameters().map { ($0.name, .object($0.tensor)) }))
            },
            ScriptMethod(
                "zero_grad", on: Module.self,
                "Clears the gradients of all trained tensors, to which `backward` adds; returns the module.",
                returns: "module"
            ) { module, _ in
                for parameter in module.namedParameters() { parameter.tensor.grad = nil }
                return .object(module)
            },
            ScriptMethod(
                "copy", on: Module.self, "Another module of the same plugin, options, weights and buffers.",
                returns: "module"
            ) { module, _ in .object(try module.copied()) },
            ScriptMethod(
                "freeze", on: Module.self, "Takes all parameters out of training; returns the module.",
                returns: "module"
            ) { module, _ in
                module.freeze()
                return .object(module)
            },
            ScriptMethod(
                "follow", on: Module.self,
                "Moves all parameters of a frozen module towards those of another: decay * own + (1 - decay) * other's, as "
                    + "momentum encoders do; returns the module.",
                [ScriptParameter("other", "module"), ScriptParameter("decay", "number")], returns: "module"
            ) { module, arguments in
                try module.follow(try arguments.object(0, as: Module.self), decay: try arguments.get(1))
                return .object(module)
            },
            ScriptMethod(
                "tree", on: Module.self,
                "What it is made of, as text: names, trained values, the shapes of what the last call gave; all levels, or some.",
                [ScriptParameter("levels", "integer", optional: true)], returns: "string"
            ) { module, arguments in
                .string(ModuleTree(module).text(depth: max(0, try arguments.get(0, as: Int?.self) ?? Int.max)))
            },
            ScriptMethod("parameter_count", on: Module.self, "The number of trained values.", returns: "integer") {
                module, _ in
                .int(module.parameterCount)
            },
        ]
    }
}

@section("dubkit_script_types") @used private let entry: PluginEntry = { registerScriptType(Module.self) }
