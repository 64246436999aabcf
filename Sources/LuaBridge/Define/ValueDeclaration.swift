import Kit

/// An option of a plugin written in Lua, as its definition writes it:
///
///     temperature = { 0.1, "Divides the similarities.", range = { 0.01, 10 }, unit = "s", from = "inferred" }
///     reduction = { "mean", "How rows are put together.", choices = { "mean", "sum" } }
///     weights = { type = "list of numbers", help = "One for each class." }      -- no default: required
///     symmetric = true                                                          -- no help
struct OptionDeclaration {
    let name: String
    /// The parameter at its default; every plugin needs one of its own.
    let makeParam: () -> any AnyParam

    init(_ name: String, _ value: OptionValue) throws {
        guard LuaScanner.isName(name) else { throw KitError.usage("is no name in Lua") }
        self.name = name
        let fields = OptionFields()
        do {
            switch value {
            case .table(let options): try options.assign(to: fields)
            case .list(let list): try Options(list: list).assign(to: fields)
            default: fields.default = value
            }
        } catch let error as KitError {
            // Its keys are no options.
            throw KitError.usage(error.message.replacing("option ", with: "", maxReplacements: 1))
        }
        try fields.takeList()
        makeParam = try fields.maker()
    }
}

/// The keys of an option's table.
private struct OptionFields: Plugin {
    static let kind = "define"
    static let name = "option"
    static let summary = "An option of a plugin written in Lua."
    static let source = "This kit."

    @Param("The default and the help.", from: .ours, positional: true) var list: [OptionValue] = []
    @Param("The default; without one the option is required.", from: .ours) var `default`: OptionValue = .null
    @Param("What the option does, in one sentence.", from: .ours) var help: String? = nil
    @Param("The type in words, such as \"number\" or \"list of integers\".", from: .ours) var type: String? = nil
    @Param("The least and the greatest value.", from: .ours) var range: [Double]? = nil
    @Param("The only values, for a string.", from: .ours) var choices: [String]? = nil
    @Param("The unit, such as \"s\" or \"Hz\".", from: .ours) var unit: String? = nil
    @Param("Where the default comes from.", from: .ours) var from: ProvenanceWord = .ours

    /// Takes the list part for the default and the help.
    func takeList() throws {
        guard list.count <= 2 else {
            throw KitError.usage("write { default, \"help\" }; a default that is a list stands in braces of its own")
        }
        if let first = list.first {
            guard case .null = self.default else { throw KitError.usage("its default is given twice") }
            self.default = first
        }
        if list.count == 2 {
            guard help == nil else { throw KitError.usage("its help is given twice") }
            guard case .string(let text) = list[1] else {
                throw KitError.usage("its help must be a string, but is \(list[1].givenText)")
            }
            help = text
        }
    }

    /// What makes the parameter. Throws if the fields do not go together.
    func maker() throws -> () -> any AnyParam {
        let words = type ?? ""
        let isOptional = words.hasSuffix(" or nil")
        let found = try OptionType.find(
            isOptional ? String(words.dropLast(" or nil".count)) : words, orOf: self.default, hasChoices: choices != nil
        )
        if let range {
            guard range.count == 2, range[0] <= range[1] else {
                throw KitError.usage("'range' must be { least, greatest }, but is \(range.optionText)")
            }
            guard found == Double.self || found == Int.self else {
                throw KitError.usage("'range' is for numbers, but the option is a \(found.optionTypeName)")
            }
        }
        guard choices == nil || found == String.self else {
            throw KitError.usage("'choices' are for strings, but the option is a \(found.optionTypeName)")
        }
        return isOptional ? try maker(optional: found) : try maker(of: found)
    }

    private func maker<Value: OptionConvertible>(optional type: Value.Type) throws -> () -> any AnyParam {
        try maker(of: Value?.self)
    }

    private func maker<Value: OptionConvertible>(of type: Value.Type) throws -> () -> any AnyParam {
        let (rangeText, check): (String?, (Value) -> String?) = limits()
        do {
            var standard: Value?
            // Nil is a default where it is a value.
            if case .null = self.default {
                standard = try? Value(option: .null)
            } else {
                standard = try Value(option: self.default)
            }
            if let standard, let expected = check(standard) {
                throw choices.map { OptionMismatch(self.default, isNoneOf: $0) } ?? OptionMismatch(expected: expected)
            }
            return { [help, unit, from, choices] in
                Param(
                    standard, help ?? "", unit, from.provenance, false, rangeText, check, choices: choices)
            }
        } catch let mismatch as OptionMismatch {
            throw KitError.usage(mismatch.message("its default", self.default))
        }
    }

    /// The range in words, and what was expected if a value does not lie in it or is none of the choices.
    private func limits<Value: OptionConvertible>() -> (String?, (Value) -> String?) {
        if let range {
            let isWhole = Value.self == Int.self || Value.self == Int?.self
            let text = range.map { isWhole ? $0.formattedWhole : $0.optionText }.joined(separator: " to ")
            return (
                text,
                { value in
                    guard let number = try? Double(option: value.optionValue) else { return nil }
                    return range[0] <= number && number <= range[1] ? nil : text
                }
            )
        }
        if let choices {
            let text = "one of \(choices.joined(separator: ", "))"
            return (
                nil,
                { value in
                    guard case .string(let word) = value.optionValue, !choices.contains(word) else { return nil }
                    return text
                }
            )
        }
        return (nil, { _ in nil })
    }
}

extension Double {
    /// "8" for 8.0: the end of a range of integers.
    fileprivate var formattedWhole: String { Int(exactly: self).map(String.init) ?? optionText }
}
