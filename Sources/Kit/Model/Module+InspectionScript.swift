import KitCore
import KitTensor

extension Module {
    /// The methods that look inside a module or change its values.
    static var inspectionMethods: [ScriptMethod] {
        [
            ScriptMethod(
                "outputs", on: Module.self,
                "Calls the module and returns the outputs of the modules inside it whose names a pattern matches, as a table by name: module:outputs(\"layer[34]\", x).",
                ScriptArgument("pattern", String.self), ScriptArgument("input", Tensor.self),
                returns: NamedOption<Tensor>.self
            ) { module, pattern, input in
                NamedOption(try module.outputs(pattern, of: input).map { ($0.name, $0.tensor) })
            },
            ScriptMethod(
                "on_forward", on: Module.self,
                "From now on calls f(name, output) with each output of the modules inside it that a pattern matches. A tensor that f returns takes the output's place. Returns the module.",
                ScriptArgument("pattern", String.self), ScriptArgument("f", ObjectOption<any ScriptFunction>.self),
                returns: Module.self
            ) { module, pattern, function in
                try module.onForward(pattern) { try Self.replacement("on_forward", function.object, $0, $1) }
                return module
            },
            ScriptMethod(
                "on_gradient", on: Module.self,
                "From now on calls f(name, gradient) in backward with the gradient of each output of the modules inside it that a pattern matches. A tensor that f returns takes the gradient's place. Returns the module.",
                ScriptArgument("pattern", String.self), ScriptArgument("f", ObjectOption<any ScriptFunction>.self),
                returns: Module.self
            ) { module, pattern, function in
                try module.onGradient(pattern) { try Self.replacement("on_gradient", function.object, $0, $1) }
                return module
            },
            ScriptMethod(
                "remove_hooks", on: Module.self,
                "Removes the functions that on_forward and on_gradient added. Returns the module.",
                returns: Module.self
            ) { module in
                module.removeHooks()
                return module
            },
            ScriptMethod(
                "state", on: Module.self,
                "All parameters and buffers, as a table by name: everything that a weights file contains.",
                returns: NamedOption<Tensor>.self
            ) { module in
                NamedOption((module.namedParameters() + module.namedBuffers()).map { ($0.name, $0.tensor) })
            },
            ScriptMethod(
                "set", on: Module.self,
                "Overwrites a parameter or buffer with a tensor of its shape, or with one number for all elements. Returns the module.",
                ScriptArgument("name", String.self), ScriptArgument("value", Either<Double, Tensor>.self),
                returns: Module.self
            ) { module, name, value in
                switch value {
                case .first(let number): try module.set(name, to: Tensor(Float(number)))
                case .second(let tensor): try module.set(name, to: tensor)
                }
                return module
            },
            ScriptMethod(
                "load_matching", on: Module.self,
                "Loads the weights of a file (safetensors or torch.save) that fit by name and shape, and leaves the others as they are. Returns a table of lists of names: loaded, missing in the file, unexpected in it, and other_shape. With a prefix, loads one module of several; `positions` and `grid` are those of load.",
                ScriptArgument("path", String.self), ScriptArgument("prefix", String?.self),
                ScriptArgument("positions", PositionResizing.Kind?.self), ScriptArgument("grid", [Int]?.self),
                returns: Options.self
            ) { module, path, prefix, positions, grid in
                let fit = try module.loadMatchingWeights(
                    from: path, prefix: prefix ?? "", positions: PositionResizing(positions, grid: grid))
                let lists = [
                    ("loaded", fit.loaded), ("missing", fit.missing), ("unexpected", fit.unexpected),
                    ("other_shape", fit.otherShape),
                ]
                return Options(named: lists.map { ($0, $1.optionValue) })
            },
        ]
    }

    /// The tensor that a function of a recipe returns; nil if it returns nothing.
    private static func replacement(
        _ method: String, _ function: any ScriptFunction, _ name: String, _ tensor: Tensor
    ) throws -> Tensor? {
        switch try function.call([.string(name), .object(tensor)]) {
        case .null: return nil
        case .object(let changed as Tensor): return changed
        case let other:
            throw KitError.usage(
                "\(method): the function must return a tensor or nothing for '\(name)', but returned \(other.givenText)"
            )
        }
    }
}
