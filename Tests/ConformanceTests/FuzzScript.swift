import Kit

/// Calls of all that a recipe can call, as the registry declares it, with values that mostly do not fit.
struct FuzzScript {
    /// A call as Lua text, and what its results are called.
    struct Call {
        let text: String
        let kind: String
    }

    private enum Target {
        case plugin(PluginDeclaration)
        case method(String, ScriptMethod)
        case field(String, String)
    }

    private let targets: [Target]

    init() {
        let plugins = PluginRegistry.shared.all.flatMap { plugin -> [Target] in
            // A network takes as long to make as hundreds of other calls.
            let times = ["module", "separator"].contains(plugin.returns) || plugin.name == "check" ? 1 : 12
            return Array(repeating: .plugin(plugin), count: times)
        }
        let members = ScriptTypes.all.flatMap { type -> [Target] in
            type.scriptMethods.flatMap { Array(repeating: Target.method(type.scriptTypeName, $0), count: 12) }
                + (type.scriptFields.map(\.name) + ["no_such_field"]).map { .field(type.scriptTypeName, $0) }
        }
        targets = plugins + members
    }

    /// Calls from a seed: the same ones whatever is drawn for others.
    func calls(_ count: Int, seed: Int) -> [Call] {
        var values = FuzzValues(random: RandomStream(seed: seed))
        return (0..<count).map { _ in
            switch values.pick(targets) {
            case .plugin(let plugin): construct(plugin, &values)
            case .method(let type, let method): invoke(method, of: type, &values)
            case .field(let type, let name): look(name, of: type, &values)
            }
        }
    }

    /// Which of `count` values are hostile: none, one or all.
    private func hostilePlaces(_ count: Int, _ values: inout FuzzValues) -> Set<Int> {
        guard count > 0 else { return [] }
        switch values.number(4) {
        case 0: return []
        case 1: return Set(0..<count)
        default: return [values.number(count)]
        }
    }

    private func construct(_ plugin: PluginDeclaration, _ values: inout FuzzValues) -> Call {
        let options = plugin.options.filter { option in
            !option.param.isSet || values.chance(min(0.5, 3 / Double(plugin.options.count)))
        }
        let hostile = hostilePlaces(options.count, &values)
        let fields = options.enumerated().map { place, option -> (name: String, text: String) in
            let text = hostile.contains(place) ? values.hostile() : values.value(for: option.param)
            // The list part, or under its name.
            let isList = option.param.isPositional && values.chance(0.7)
            return (
                option.name,
                option.param.isRest
                    ? "key = \(text)" : isList ? "table.unpack(\(Self.list(text)))" : "\(option.name) = \(text)"
            )
        }
        // What unpacks to a list stands last.
        let ordered =
            fields.filter { !$0.text.hasPrefix("table.unpack") } + fields.filter { $0.text.hasPrefix("table.unpack") }
        var arguments = "{ \(ordered.map(\.text).joined(separator: ", ")) }"
        if let called = plugin.type as? any CalledWithArguments.Type, values.chance(0.5) {
            let given = called.arguments.map { _ in values.chance(0.5) ? values.hostile() : values.value("value") }
            arguments = "(\((given + (values.chance(0.5) ? [arguments] : [])).joined(separator: ", ")))"
        } else if values.chance(0.04) {
            arguments = "(\(values.hostile()), \(values.hostile()))"
        }
        return Call(text: "return \(plugin.qualifiedName)\(arguments)", kind: Self.kind(plugin.returns))
    }

    /// A list of what may be none.
    private static func list(_ text: String) -> String { text.hasPrefix("{") ? text : "as_list(\(text))" }

    private func invoke(_ method: ScriptMethod, of type: String, _ values: inout FuzzValues) -> Call {
        let object = "any(\"\(type)\", \(values.number(1 << 20)))"
        let wanted = method.arguments.filter { !$0.isOptional || values.chance(0.5) }
        let hostile = hostilePlaces(wanted.count, &values)
        var arguments: [String] = []
        for (place, parameter) in wanted.enumerated() {
            arguments.append(hostile.contains(place) ? values.hostile() : values.value(for: parameter))
        }
        if values.chance(0.03) { arguments.append(values.hostile()) }
        let list = arguments.joined(separator: ", ")
        let (a, b) = values.chance(0.5) ? (object, arguments.last ?? "1") : (arguments.last ?? "1", object)
        let text: String
        switch method.name {
        case "__call": text = "return \(object)(\(list))"
        case "__unm": text = "return -\(object)"
        case "__len": text = "return #\(object)"
        case "__index": text = "return \(object)[\(arguments.first ?? "nil")]"
        case "__close": text = "local x <close> = \(object) \(values.chance(0.3) ? "error('left')" : "")"
        case let name where method.isOperator: text = "return \(a) \(ScriptMethod.sign(name)!) \(b)"
        case let name where values.chance(0.03): text = "return \(object).\(name)(\(values.hostile()))"
        case let name: text = "return \(object):\(name)(\(list))"
        }
        return Call(text: text, kind: Self.kind(method.returns))
    }

    private func look(_ name: String, of type: String, _ values: inout FuzzValues) -> Call {
        let object = "any(\"\(type)\", \(values.number(1 << 20)))"
        let forms = [
            "return \(object)[\"\(name)\"]", "return \(object)[\(values.hostile())]",
            "\(object)[\(values.hostile())] = \(values.hostile())",
            "return tostring(\(object))", "for _ in pairs(\(object)) do end", "for _ in ipairs(\(object)) do end",
            "help(\(object))",
            "return \(object) == \(values.hostile())", "return \(object) < \(values.hostile())",
            "apropos(\(values.hostile()))",
        ]
        return Call(text: values.pick(forms), kind: "value")
    }

    /// "tensor" for "list of tensors" and "tensor or nil".
    private static func kind(_ words: String) -> String {
        let first = words.split(separator: " or ").first.map(String.init) ?? words
        for start in ["list of ", "table of named "] {
            if let elements = first.end(after: start) { return String(elements.dropLast()) }
        }
        return first
    }
}
