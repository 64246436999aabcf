import KitCore

extension ConformanceCheck {
    static let options = ConformanceCheck(
        "options", "Unknown options, wrong types and values out of range are refused, and the message names the option."
    ) { subject in
        let plugin = subject.declaration
        let options = plugin.options.filter { !$0.param.isRest }
        var faults: [String] = []
        /// Makes the plugin with one additional option, which must be refused with these words.
        func expectRefusal(_ key: String, _ value: OptionValue, _ words: String) {
            do {
                _ = try subject.make([(key, value)])
                faults.append("\(key) = \(value.optionText) is accepted")
            } catch let error as KitError where error.kind == .usage && error.message.contains(words) {
            } catch {
                faults.append("\(key) = \(value.optionText): the message lacks \"\(words)\": \(error)")
            }
        }
        if options.count == plugin.options.count {
            if let name = options.map(\.name).first(where: { $0.count > 3 }),
                !options.contains(where: { $0.name == name.dropLast() })
            {
                expectRefusal(String(name.dropLast()), .int(1), "did you mean")
            } else {
                expectRefusal("no_such_option", .int(1), "unknown option 'no_such_option'")
            }
        }
        for (name, param) in options where ["number", "integer", "boolean"].contains(param.typeName) {
            expectRefusal(name, .string("?"), "option '\(name)' must be")
            guard let range = param.range, let top = range.split(separator: " ").last.flatMap({ Double($0) }) else {
                continue
            }
            expectRefusal(name, .number((top.magnitude + 1).rounded(.up) * 2), "option '\(name)' must be \(range)")
        }
        return faults
    }

    static let defaults = ConformanceCheck(
        "defaults", "The defaults are valid, and the recorded plugin can be made again."
    ) { subject in
        let plain = subject.declaration.makeDefault()
        // Some plugins need values that only a recipe can give.
        guard (try? subject.options.assign(to: plain)) != nil, (try? plain.validate()) != nil else { return nil }
        let plugin = try subject.make()
        let given = plugin.declaredOptions.filter { !$0.param.isRest }
        let named = given.compactMap { name, param in param.currentValue.map { (key: name, value: $0) } }
        let again = try subject.declaration.make(Options(named: named))
        return zip(given, again.declaredOptions.filter { !$0.param.isRest }).compactMap { before, after in
            let (one, other) = (before.param.currentText ?? "nil", after.param.currentText ?? "nil")
            return one == other ? nil : "option '\(before.name)' was \(one), but is \(other) when made again"
        }
    }
}
