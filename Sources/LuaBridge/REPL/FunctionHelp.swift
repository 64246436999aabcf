import Kit

/// The help of a function: for a method from its declaration, for a function written in Lua from its source.
extension LuaState {
    func help(of function: LuaFunction) throws -> String {
        if let method = core.native(function)?.method { return PluginHelp.text(for: method.method, of: method.type) }
        guard case .table(let options) = try prelude.call("function_facts", .object(function)) else {
            return "A function."
        }
        let facts = Dictionary(options.named.map { ($0.key, $0.value) }) { first, _ in first }
        let name = facts["name"]?.text ?? ""
        if facts["what"]?.text == "C" {
            return name.isEmpty
                ? "A function of Lua's standard library."
                : "\(name): part of Lua's standard library; see the manual of Lua 5.4."
        }
        var parameters = ""
        if case .list(let names)? = facts["parameters"] { parameters = names.map(\.text).joined(separator: ", ") }
        guard case .int(let line)? = facts["line"], let place = facts["source"]?.text.dropFirst(),
            let source = source(String(place))
        else { return "\(name.isEmpty ? "function" : name)(\(parameters))" }
        let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
        let comment = Self.comment(above: line, in: lines)
        let head = "\(name.isEmpty ? "function" : name)(\(parameters))    \(place):\(line)"
        return ([head] + comment.map { "  \($0)" }).joined(separator: "\n")
    }

    /// The comment that ends right above a line, counted from 1.
    private static func comment(above line: Int, in lines: [Substring]) -> [String] {
        var comment: [String] = []
        var above = line - 2
        while lines.indices.contains(above) {
            let text = lines[above].drop { $0 == " " || $0 == "\t" }
            guard text.hasPrefix("--") else { break }
            comment.insert(String(text.drop { $0 == "-" }.drop { $0 == " " }), at: 0)
            above -= 1
        }
        return comment
    }
}
