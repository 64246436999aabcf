import KitCore

extension ConformanceCheck {
    static let spelling = ConformanceCheck("name", "Names are in snake case.") { subject in
        let names = [subject.declaration.name] + subject.declaration.options.map(\.name)
        return names.filter { $0.wholeMatch(of: #/[a-z][a-z0-9_]*/#) == nil }.map { "'\($0)' is not in snake case" }
    }

    static let documentation = ConformanceCheck(
        "documentation",
        "The plugin and each option are described in a sentence; a plugin in Swift also has a reference."
    ) { subject in
        let plugin = subject.declaration
        var faults: [String] = []
        func isSentence(_ text: String) -> Bool { text.count > 5 && text.hasSuffix(".") }
        let wanted = "must be a sentence, six letters or more that end with a full stop, but is"
        if !isSentence(plugin.summary) { faults.append("the help \(wanted) \"\(plugin.summary)\"") }
        if plugin.reference.count < 5, plugin.place == nil { faults.append("there is no reference") }
        for (name, param) in plugin.options where !isSentence(param.help) {
            faults.append("the help of option '\(name)' \(wanted) \"\(param.help)\"")
        }
        return faults
    }
}
