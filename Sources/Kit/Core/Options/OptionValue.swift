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

    /// Whether it is a number, a text or a boolean.
    package var isPlain: Bool {
        switch self {
        case .bool, .int, .number, .string: true
        case .null, .list, .table, .object: false
        }
    }

    /// What was given, for an error message: `string "five"`, `number 0.5`, `list of 3`, `loss clip`.
    public var givenText: String {
        switch self {
        case .null: "nil"
        case .bool(let value): "boolean \(value)"
        case .int(let value): "integer \(value)"
        case .number(let value): "number \(value)"
        case .string(let value): "string \"\(value)\""
        case .list(let values): "list of \(values.count)"
        case .table: "table"
        case .object(is any ScriptFunction): "function"
        case .object(let object): (object as? any ScriptObject)?.scriptGiven ?? "\(type(of: object))"
        }
    }
}
