/// A value that crosses between a recipe (or the command line) and native code, in either direction.
public enum OptionValue {
    case null
    case bool(Bool)
    case int(Int)
    case number(Double)
    case string(String)
    case list([OptionValue])
    case table(Options)
    /// A native object (tensor, module, plugin, dataset) or a callable from Lua.
    case object(Any)

    /// Whether it is a number, a string or a boolean.
    package var isPlain: Bool {
        switch self {
        case .bool, .int, .number, .string: true
        case .null, .list, .table, .object: false
        }
    }

    /// The given value, for an error message: `string "five"`, `number 0.5`, `a list of 3`, `the loss clip`.
    public var givenText: String {
        switch self {
        case .null: "nil"
        case .bool(let value): "boolean \(value)"
        case .int(let value): "integer \(value)"
        case .number(let value): value.isNaN ? "NaN (not a number)" : "number \(value)"
        case .string(let value): "string \"\(value)\""
        case .list(let values): "a list of \(values.count)"
        case .table: "a table"
        case .object(is any ScriptFunction): "a function"
        case .object(let object): (object as? any ScriptObject)?.scriptGiven ?? "\(type(of: object))"
        }
    }
}

extension OptionValue {
    /// The type of an option that is known only by this default: 1 is an integer, 1.0 a number. `OptionValue` if the
    /// default says too little.
    package var inferredType: any OptionConvertible.Type {
        switch self {
        case .bool: return Bool.self
        case .int: return Int.self
        case .number: return Double.self
        case .string: return String.self
        case .list(let items):
            let kinds = Set(items.map { ObjectIdentifier($0.inferredType) })
            switch kinds {
            // The items of an empty list are unknown; a command line gives strings.
            case []: return [String].self
            case [ObjectIdentifier(Bool.self)]: return [Bool].self
            case [ObjectIdentifier(Int.self)]: return [Int].self
            case [ObjectIdentifier(String.self)]: return [String].self
            case [ObjectIdentifier(Double.self)], [ObjectIdentifier(Int.self), ObjectIdentifier(Double.self)]:
                return [Double].self
            default: return OptionValue.self
            }
        case .null, .table, .object: return OptionValue.self
        }
    }
}
