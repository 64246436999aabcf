/// An option that is an object of a protocol: `@Param("...") var optimizer: ObjectOption<any Optimizer>`. For a
/// `ScriptObject` class, use the class itself as the type.
public struct ObjectOption<Object>: OptionConvertible {
    public let object: Object
    public init(_ object: Object) { self.object = object }

    /// The type as Lua calls it: "trained run" for `TrainedRun`, "batch source" for `any BatchSource`.
    public static var optionTypeName: String {
        if Object.self == (any ScriptFunction).self { return "function" }
        if let type = Object.self as? any ScriptObject.Type { return type.scriptTypeName }
        let name = "\(Object.self)".trimmingPrefix("any ")
        return (name.prefix(1).lowercased() + String(name.dropFirst())).snakeCased.replacing("_", with: " ")
    }
    public init(option: OptionValue) throws {
        guard case .object(let any) = option, let object = any as? Object else {
            throw OptionMismatch(expected: Self.optionTypeName.withArticle)
        }
        self.object = object
    }
    public var optionValue: OptionValue { .object(object) }
    public var optionText: String { Self.optionTypeName }
}
