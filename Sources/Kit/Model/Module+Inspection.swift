import KitCore
import KitTensor

/// Access to the inside of a network: the outputs of its modules, and hooks that read or replace them.
extension Module {
    /// Calls the module and returns the outputs of the modules inside it that a pattern matches, by name.
    ///
    /// If a module is called several times, as by a network that takes one sample at a time in evaluation, its outputs
    /// are joined along the first axis.
    ///
    /// - Parameters:
    ///   - pattern: covers whole names: "layer4", "blocks%.%d+".
    ///   - input: the tensor to call this module with.
    public final func outputs(_ pattern: String, of input: Tensor) throws -> [(name: String, tensor: Tensor)] {
        var (order, parts): ([String], [String: [Tensor]]) = ([], [:])
        let found = try modules(pattern)
        for (name, module) in found {
            module.outputHooks.append { output in
                if parts[name] == nil { order.append(name) }
                parts[name, default: []].append(output)
                return nil
            }
        }
        defer { for (_, module) in found { module.outputHooks.removeLast() } }
        _ = try self(input)
        if let (idle, module) = found.first(where: { parts[$0.name] == nil }) {
            throw KitError.usage(
                "outputs: '\(idle)' (\(module.summary)) is not called: the module around it uses its parts directly")
        }
        return try order.map { name in
            let outputs = parts[name] ?? []
            return (name, outputs.count == 1 ? outputs[0] : try Tensor.concat(outputs))
        }
    }

    /// The name of the module inside this one that is called last of those whose output [batch, .., channels] has several
    /// places between batch and channels: the last map of a convolutional network, the last tokens of a transformer. Nil
    /// if there is none.
    ///
    /// - Parameter input: the tensor to call this module with.
    package final func lastMapped(by input: Tensor) throws -> String? {
        var last: String?
        let inside = children.flatMap { $0.module.namedModules($0.name) }
        for (name, module) in inside {
            module.outputHooks.append { output in
                let (shape, rank) = (output.shape, output.shape.rank)
                if rank >= 3, shape[0] == input.shape[0], Shape.product(shape.extents[1..<rank - 1]) > 1 { last = name }
                return nil
            }
        }
        defer { for (_, module) in inside { module.outputHooks.removeLast() } }
        _ = try self(input)
        return last
    }

    /// Calls `body` with each output of the modules that a pattern matches. A tensor that it returns takes the output's
    /// place.
    public final func onForward(
        _ pattern: String, _ body: @escaping (_ name: String, _ output: Tensor) throws -> Tensor?
    ) throws {
        for (name, module) in try modules(pattern) {
            module.outputHooks.append { output in
                guard let changed = try body(name, output) else { return nil }
                guard changed.shape == output.shape else {
                    throw KitError.usage(
                        "on_forward: must return a tensor of the output's shape \(output.shape), or nothing, for "
                            + "'\(name)', but returned one of shape \(changed.shape)")
                }
                return changed
            }
        }
    }

    /// Calls `body` in backward with the gradient of each output of the modules that a pattern matches. A tensor that it
    /// returns takes the gradient's place.
    public final func onGradient(
        _ pattern: String, _ body: @escaping (_ name: String, _ gradient: Tensor) throws -> Tensor?
    ) throws {
        for (name, module) in try modules(pattern) {
            module.outputHooks.append { output in
                guard output.needsGrad else { return nil }
                return output.watched { gradient in
                    let kept = gradient.detached()
                    guard let changed = try body(name, kept) else { return kept }
                    guard changed.shape == output.shape else {
                        throw KitError.usage(
                            "on_gradient: must return a tensor of the gradient's shape \(kept.shape), or nothing, for "
                                + "'\(name)', but returned one of shape \(changed.shape)")
                    }
                    return changed
                }
            }
        }
    }

    /// Removes everything that `onForward` and `onGradient` added to this module and those inside it.
    public final func removeHooks() {
        for (_, module) in namedModules("") { module.outputHooks.removeAll() }
    }

    /// Overwrites a parameter or buffer. Throws an error with the nearest name if there is none of that name, or with
    /// both shapes if the values have another one.
    ///
    /// - Parameters:
    ///   - name: the full name, as in a weights file.
    ///   - values: of the tensor's shape, or one value for all elements.
    public final func set(_ name: String, to values: Tensor) throws {
        let state = namedParameters() + namedBuffers()
        guard let tensor = state.first(where: { $0.name == name })?.tensor else {
            throw KitError.usage(
                "set: \(summary) has no parameter or buffer '\(name)'\(NearestName.hint(name, in: state.map(\.name)))")
        }
        guard values.shape == tensor.shape || values.shape.rank == 0 else {
            throw KitError.usage(
                "set: '\(name)' is \(tensor.shape), but the values are \(values.shape): expected this shape, or one number"
            )
        }
        do { try tensor.assign(values) } catch let error as KitError {
            throw error.prefixed("set: '\(name)'")
        }
    }
}
