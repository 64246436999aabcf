import Kit

/// The named parts of a network or loss that is written in Lua: modules, parameters and buffers.
struct DefinedParts {
    private var tensors: [(name: String, tensor: Tensor)] = []
    private var modules: [(name: String, module: Module)] = []

    /// The field that makes them.
    static func field() -> (name: String, param: any AnyOption) {
        let none: ObjectOption<any ScriptFunction>? = nil
        return (
            "parts",
            Param(
                wrappedValue: none,
                """
                Called as parts(options) for each new one; returns its parts by name: modules, parameters \
                (kit.parameter), other tensors, which are saved but not trained, and lists of these. Weights are saved \
                and loaded by these names.
                """, from: .ours)
        )
    }

    /// Calls the function of a definition. All randomness of the parts comes from the stream.
    init(_ definition: Definition, _ random: RandomStream) throws {
        guard case .object(let function as any ScriptFunction)? = definition.fields["parts"] else { return }
        let result = try WeightSeed.apart(random) { try function.call([definition.optionTable]) }
        func fault(_ expected: String, _ given: String) -> KitError {
            .usage("\(definition.declaration.qualifiedName): parts must return \(expected), but returned \(given)")
        }
        guard case .table(let table) = result, table.list.isEmpty else {
            if case .list(let items) = result, items.isEmpty { return }
            throw fault("a table of parts by name", result.givenText)
        }
        var groups: [(position: Int, modules: [(name: String, module: Module)])] = []
        for (name, value) in table.named {
            guard LuaScanner.isName(name), !Self.methods.contains(name) else {
                let reason = Self.methods.contains(name) ? "which is a method of modules" : "which is not a name in Lua"
                throw fault("parts whose names are free", "one called '\(name)', \(reason): choose another name")
            }
            var group: [(name: String, module: Module)] = []
            func add(_ name: String, _ value: OptionValue) throws {
                switch value {
                case .object(let module as Module): group.append((name, module))
                case .object(let tensor as Tensor): tensors.append((name, tensor))
                case .list(let items):
                    for (index, item) in items.enumerated() {
                        if case .bool(false) = item {
                            throw fault(
                                "modules, tensors and lists of them",
                                "false as '\(name).\(index)' (item \(index + 1) of a list): leave it out, or put "
                                    + "kit.layer.identity {} in its place")
                        }
                        try add("\(name).\(index)", item)
                    }
                case .table(let table) where table.list.isEmpty:
                    for (key, item) in table.named { try add("\(name).\(key)", item) }
                case .bool(false): break
                default: throw fault("modules, tensors and lists of them", "\(value.givenText) for '\(name)'")
                }
            }
            try add(name, value)
            groups.append((group.map(\.module.position).min() ?? 0, group))
        }
        // The table has no order, so the modules come in the order in which they were made.
        let order = groups.indices.sorted { (groups[$0].position, $0) < (groups[$1].position, $1) }
        modules = order.flatMap { groups[$0].modules }
    }

    /// Registers the parts under their names.
    func register(in module: Module) {
        for (name, tensor) in tensors {
            if tensor.requiresGrad {
                module.register(parameter: name, tensor)
            } else {
                module.register(buffer: name, tensor)
            }
        }
        for (name, part) in modules { module.register(name, part) }
    }

    private static let methods = Set(Module.scriptMethods.map(\.name))
}
