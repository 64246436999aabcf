import Kit

/// A declared value: a key of a recipe, or an option of a plugin written in Lua.
///
///     { 0.1, "Divides the similarities.", range = { 0.01, 10 }, unit = "s", from = "inferred" }
///     { "mean", "How rows are combined.", choices = { "mean", "sum" } }
///     { 1, "Weight of the term.", type = "number" }               -- else 1 would be an integer
///     { default = 24, help = "Clips in a batch." }                -- the same by name
///     { 0.1, "Learning rate.", was = "rate" }                     -- a former name, which still works
///     { type = "list of numbers", help = "One for each class." }  -- no value
struct ValueDeclaration {
    /// The value, converted to the type if that is stated; nil if there is none.
    let value: OptionValue?
    /// Whether the value is written as `default = ...`.
    let isNamedDefault: Bool
    /// Whether the type is stated. If not, it follows from the value.
    let isTypeStated: Bool
    /// The provenance of the value; nil if it is not stated.
    let provenance: Provenance?
    /// Makes the option with the value as its default. Every plugin needs its own.
    let makeParam: () -> any AnyOption

    /// A value without a declaration.
    init(plain value: OptionValue) throws { try self.init(DeclaredFields(value)) }

    /// A table of the fields above. Throws an error that names the field if one does not fit.
    init(_ options: Options) throws {
        let fields = DeclaredFields()
        do { try options.assign(to: fields) } catch let error as KitError {
            // The message must not call the fields options.
            throw KitError.usage(error.message.replacing("option ", with: "", maxReplacements: 1))
        }
        try self.init(fields)
    }

    private init(_ fields: DeclaredFields) throws {
        isNamedDefault = fields.default != nil
        try fields.takeList()
        makeParam = try fields.maker()
        isTypeStated = fields.type != nil
        value = isTypeStated ? makeParam().currentValue : fields.default
        provenance = fields.from?.provenance
    }
}

/// The fields of the table.
private struct DeclaredFields: Plugin {
    static let kind = "define"
    static let name = "value"
    static let summary = "A value with its declaration in a recipe."
    static let reference = "This kit."

    @Param("The value and the help.", from: .ours, positional: true) var list: [OptionValue] = []
    @Param("The value.", from: .ours) var `default`: OptionValue? = nil
    @Param("What the value decides, in one sentence.", from: .ours) var help: String? = nil
    @Param("The type in words, such as \"number\" or \"list of integers\".", from: .ours) var type: String? = nil
    @Param("The smallest and the largest value.", from: .ours) var range: [Double]? = nil
    @Param("The only values, for a string or a list of strings.", from: .ours) var choices: [String]? = nil
    @Param("The unit, such as \"s\" or \"Hz\".", from: .ours) var unit: String? = nil
    @Param("Where the value comes from.", from: .ours) var from: ProvenanceWord? = nil
    @Param("The name in the previous version, which still works, with a notice.", from: .ours) var was: String? = nil

    init() {}
    init(_ value: OptionValue) { list = [value] }

    /// Takes the list part for the value and the help.
    func takeList() throws {
        guard list.count <= 2 else {
            throw KitError.usage(
                "write { value, \"help\" }; a list or table as the value needs its own braces")
        }
        if let first = list.first {
            guard self.default == nil else { throw KitError.usage("its value is given twice") }
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

    /// Returns the function that makes the option. Throws if the fields contradict each other.
    func maker() throws -> () -> any AnyOption {
        let words = type ?? ""
        let isOptional = words.hasSuffix(" or nil")
        let found = try OptionType.find(
            isOptional ? String(words.dropLast(" or nil".count)) : words, orOf: self.default, choices)
        if let range {
            guard range.count == 2, range[0] <= range[1] else {
                throw KitError.usage("'range' must be { minimum, maximum }, but is \(range.optionText)")
            }
            guard found == Double.self || found == Int.self else {
                throw KitError.usage("'range' is for numbers, but the type is \(found.optionTypeName)")
            }
        }
        guard choices == nil || found == String.self || found == [String].self else {
            throw KitError.usage("'choices' are for strings, but the type is \(found.optionTypeName)")
        }
        return isOptional ? try maker(optional: found) : try maker(of: found)
    }

    private func maker<Value: OptionConvertible>(optional type: Value.Type) throws -> () -> any AnyOption {
        try maker(of: Value?.self)
    }

    private func maker<Value: OptionConvertible>(of type: Value.Type) throws -> () -> any AnyOption {
        let limits = range.map { Limits($0, isWhole: Value.self == Int.self || Value.self == Int?.self) }
        let make: (Value?) -> Param<Value> = { [help, unit, from, was, choices] value in
            Param(
                value, help ?? "", unit, from?.provenance ?? .ours, false, limits?.text, was: was, choices: choices,
                check: { try limits?.check($0) })
        }
        // If nil is allowed, it is also the default.
        let given = self.default ?? .null
        guard self.default != nil || (try? Value(option: given)) != nil else { return { make(nil) } }
        let param = make(nil)
        do { try param.set(given) } catch let mismatch as OptionMismatch {
            throw KitError.usage(mismatch.message("its value", given))
        }
        return { [value = param.wrappedValue] in make(value) }
    }
}

/// The smallest and the largest number of an option.
private struct Limits {
    let least: Double
    let greatest: Double
    /// "0.01 to 10.0"; of integers "1 to 8".
    let text: String

    init(_ range: [Double], isWhole: Bool) {
        (least, greatest) = (range[0], range[1])
        text = range.map { isWhole ? Int(exactly: $0).map(String.init) ?? $0.optionText : $0.optionText }
            .joined(separator: " to ")
    }

    func check(_ value: some OptionConvertible) throws {
        guard let number = try? Double(option: value.optionValue) else { return }
        guard least <= number, number <= greatest else { throw OptionMismatch(expected: text) }
    }
}
