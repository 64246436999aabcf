import KitCore
import KitTensor

extension Module: ScriptObject {
    public static var scriptTypeName: String { "module" }
    public static var scriptSummary: String { "A network with named parameters; call it with a tensor." }
    public var scriptDescription: String {
        let frozen = parameterCount - trainedCount
        return
            "\(summary), \(counted(parameterCount, "parameter"))\(frozen == 0 ? "" : ", \(frozen) of them frozen")"
    }
    public var scriptDisplay: String { ModuleTree(self).text(lines: 40) }
    /// PyTorch's names for methods of modules.
    public static var scriptForeignNames: [String: String] {
        [
            "forward": "module(x)", "state_dict": "module:state()", "named_parameters": "module:parameters()",
            "load_state_dict": "module:load(path)", "requires_grad_": "module:freeze() or module:unfreeze()",
            "register_forward_hook": "module:on_forward(pattern, f)",
            "register_full_backward_hook": "module:on_gradient(pattern, f)", "named_modules": "module:tree()",
            "modules": "module:tree()", "children": "module:tree()", "named_children": "module:tree()",
            "named_buffers": "module:state()", "buffers": "module:state()", "summary": "kit.summary(module, shape)",
            "register_buffer": "a tensor among the parts of kit.define.layer",
            "register_parameter": "kit.parameter(tensor) among the parts of kit.define.layer",
            "add_module": "a module among the parts of kit.define.layer",
            "apply": "module:set(name, values) for a name of module:state()", "get_parameter": "module:state()[name]",
            "parameter_groups": "groups = { ... } in kit.train", "compile": "module as it is",
            "to": "module as it is: weights are float32, in main memory",
            "cuda": "module as it is: weights are float32, in main memory",
            "cpu": "module as it is: weights are float32, in main memory",
            "half": "kit.autocast { ... }, or precision = \"bfloat16\" in kit.train",
            "bfloat16": "kit.autocast { ... }, or precision = \"bfloat16\" in kit.train",
        ]
    }
    public var scriptBytes: Int { bytes }
    public func scriptProperty(_ name: String) -> OptionValue? { part(name) }
    public var scriptPropertyNames: [String] { partNames }

    public static var scriptMethods: [ScriptMethod] { ownMethods + inspectionMethods }

    private static var ownMethods: [ScriptMethod] {
        [
            ScriptMethod(
                "__call", on: Module.self, "Applies the module. Some take further tensors: a batch norm one to add.",
                ScriptArgument("input", Tensor.self), ScriptArgument(rest: "others", Tensor.self),
                returns: Tensor.self
            ) { module, input, others in try module(input, others) },
            ScriptMethod(
                "__index", on: Module.self, "The part at an index, for a chain and others whose parts are numbered.",
                ScriptArgument("index", Int.self), returns: Module?.self
            ) { module, index in
                let count = module.children.count
                guard 1...max(1, count) ~= index, case .object(let part as Module)? = module.part("\(index - 1)") else {
                    if index == count + 1 { return nil }
                    throw KitError.usage("\(module.summary): has no part \(index); it has \(count)")
                }
                return part
            },
            ScriptMethod("__len", on: Module.self, "The number of modules that it consists of.", returns: Int.self) {
                $0.children.count
            },
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
                "Loads all weights from a file (safetensors or torch.save), strictly. Returns the module. With a prefix, loads those of one "
                    + "module of several. Names under one of `except` are ignored on both sides. Tables of positions of "
                    + "another length are an error unless `positions` says how to resize them: linear, cubic, or cut, which "
                    + "takes their middle; `grid` is then the file's, if it has several axes.",
                ScriptArgument("path", String.self), ScriptArgument("prefix", String?.self),
                ScriptArgument("except", [String]?.self), ScriptArgument("positions", PositionResizing.Kind?.self),
                ScriptArgument("grid", [Int]?.self), returns: Module.self
            ) { module, path, prefix, excepted, positions, grid in
                try module.loadWeights(
                    from: path, prefix: prefix ?? "", except: excepted ?? [],
                    positions: PositionResizing(positions, grid: grid))
                return module
            },
            ScriptMethod(
                "parameters", on: Module.self, "All parameters, trained and frozen, as a table by name.",
                returns: NamedOption<Tensor>.self
            ) { module in NamedOption(module.namedParameters().map { ($0.name, $0.tensor) }) },
            ScriptMethod(
                "parameter_names", on: Module.self, "The names of all parameters, in the order of the network's parts.",
                returns: [String].self
            ) { $0.namedParameters().map(\.name) },
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
                "freeze", on: Module.self,
                "Excludes all parameters from training, or those that a pattern covers by their names or those of their "
                    + "modules. With a pattern, statistics of batch norms that are then frozen stand still; without one they "
                    + "move in training, as in momentum encoders, unless `statistics` says otherwise. Returns the module.",
                ScriptArgument("pattern", String?.self), ScriptArgument("statistics", Bool?.self),
                returns: Module.self
            ) { module, pattern, statistics in
                try module.freeze(pattern, statistics: statistics ?? (pattern != nil))
                return module
            },
            ScriptMethod(
                "unfreeze", on: Module.self,
                "Trains all parameters again, or those that a pattern covers. Returns the module.",
                ScriptArgument("pattern", String?.self), returns: Module.self
            ) { module, pattern in
                try module.unfreeze(pattern)
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
            ScriptMethod(
                "parameter_count", on: Module.self, "The number of trained values; frozen ones do not count.",
                returns: Int.self
            ) { $0.trainedCount },
        ]
    }
}

@section("dubkit_script_types") @used private let entry: PluginEntry = { registerScriptType(Module.self) }
