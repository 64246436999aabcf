import Kit

/// Values as a recipe writes them, for types in the words of the declarations: such as fit, and such as do not.
struct FuzzValues {
    var random: RandomStream

    mutating func number(_ bound: Int) -> Int { random.index(below: bound) }
    mutating func chance(_ share: Double) -> Bool { random.uniform(0, 1) < share }
    mutating func pick<Item>(_ items: [Item]) -> Item { items[number(items.count)] }

    /// One that no declaration asks for.
    mutating func hostile() -> String { "hostile(\(number(1 << 20)))" }

    /// One for an option.
    mutating func value(for param: any AnyOption) -> String {
        if let range = param.range, chance(0.7) { return value(in: range, isInteger: param.typeName == "integer") }
        if !param.words.isEmpty, chance(0.8) { return pick(param.words) }
        return value(param.typeName)
    }

    /// One for a method's argument.
    mutating func value(for parameter: any AnyScriptArgument) -> String {
        parameter.words.isEmpty ? value(parameter.typeName) : pick(parameter.words)
    }

    /// A value of a type.
    mutating func value(_ words: String) -> String {
        if let rest = words.beginning(before: ", or nil") ?? words.beginning(before: " or nil") {
            return chance(0.2) ? "nil" : value(rest)
        }
        if let element = words.beginning(before: " or list of them") {
            return chance(0.5) ? value(element) : list(of: element)
        }
        if let rest = words.end(after: "one of ") {
            return pick(
                rest.replacing(", or ", with: ", ").replacing(" or ", with: ", ").split(separator: ", ").map {
                    "\"\($0)\""
                })
        }
        if words.contains(",") { return chance(0.5) ? "\"en\"" : "{ \"en\", \"es\" }" }
        let choices = words.split(separator: " or ").map(String.init)
        if choices.count > 1 { return value(pick(choices)) }
        if let elements = words.end(after: "list of ") { return list(of: String(elements.dropLast())) }
        if let elements = words.end(after: "table of named ") {
            let element = String(elements.dropLast())
            return "{ a = \(value(element)), b = \(value(element)) }"
        }
        return single(words)
    }

    private mutating func single(_ words: String) -> String {
        switch words {
        case "number": pick(["0", "1", "0.5", "2", "3.25", "10", "-1", "100", "1e-3"])
        case "integer": pick(["0", "1", "2", "3", "4", "8", "16", "-1"])
        case "boolean": pick(["true", "false"])
        case "string":
            chance(0.6)
                ? "file(\(number(1 << 20)))"
                : pick(["\"en\"", "\"train\"", "\"path\"", "\"label\"", "\"x\"", "\"audio\""])
        case "function": "callback(\(number(1 << 20)))"
        case "list", "table", "options": list(of: "integer")
        case "value":
            chance(0.5)
                ? "any(\"tensor\", \(number(1 << 20)))"
                : single(pick(["number", "integer", "string", "boolean", "list"]))
        default: "any(\"\(words)\", \(number(1 << 20)))"
        }
    }

    private mutating func list(of element: String) -> String {
        var items: [String] = []
        for _ in 0..<number(5) { items.append(value(element)) }
        return "{ \(items.joined(separator: ", ")) }"
    }

    /// For "0.001 to 100.0": the ends, a number near the lower one, and the numbers just outside.
    private mutating func value(in range: String, isInteger: Bool) -> String {
        let ends = range.split(separator: " to ").map(String.init)
        guard ends.count == 2, let low = Double(ends[0]), let high = Double(ends[1]) else { return hostile() }
        let near = min(high, low + Double(number(17)))
        let value = chance(0.05) ? high : chance(0.05) ? (chance(0.5) ? low - 1 : high + 1) : chance(0.3) ? low : near
        return isInteger ? "\(Int(value))" : "\(value)"
    }
}

extension String {
    func beginning(before end: String) -> String? { hasSuffix(end) ? String(dropLast(end.count)) : nil }
    func end(after start: String) -> String? { hasPrefix(start) ? String(dropFirst(start.count)) : nil }
}
