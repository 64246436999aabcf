/// A native object that a recipe can hold and call: tensors, modules, datasets...
///
/// A type lists its methods and fields next to its definition; the Lua binding, `help()` and the reference pages derive
/// from them. It can then be the type of an option, an argument, a field or a result:
///
///     @Param("The network that is copied.") var network: Module
///     ScriptArgument("other", Tensor.self)
public protocol ScriptObject: AnyObject, OptionConvertible {
    /// The name of the type in messages and `help`: "tensor", "module".
    static var scriptTypeName: String { get }
    /// A description of the type, in one sentence.
    static var scriptSummary: String { get }
    /// Methods, called in Lua as `object:name(...)`. Names with two underscores are Lua's metamethods: `__add`, `__call`.
    /// None by default.
    static var scriptMethods: [ScriptMethod] { get }
    /// The properties that objects of the type have. None by default.
    static var scriptFields: [ScriptField] { get }
    /// The value of `object.key`, where `key` is not a method; nil if there is no such property. By default the value
    /// of `scriptFields`. A type whose properties are known only at run time implements this itself.
    func scriptProperty(_ name: String) -> OptionValue?
    /// The keys that `scriptProperty` knows, for "did you mean", `pairs(object)` and completion.
    var scriptPropertyNames: [String] { get }
    /// The end of the message about an unknown key that resembles no other: why it is missing, or where it could come
    /// from. Empty by default.
    func scriptAbsence(of name: String) -> String
    /// Names from other libraries with the way a recipe writes them: `["size": "x:shape()"]`. The error for such a name
    /// shows it. None by default.
    static var scriptForeignNames: [String: String] { get }
    /// What `print(object)` shows.
    var scriptDescription: String { get }
    /// The text that the prompt shows for the object. By default `scriptDescription`.
    var scriptDisplay: String { get }
    /// The line that represents the object inside a table. By default the first line of `scriptDescription`.
    var scriptLine: String { get }
    /// The object's name in messages about a wrong argument: "a tensor", "the loss clip". By default the type and the
    /// plugin's name.
    var scriptGiven: String { get }
    /// Native bytes that live as long as the object, which Lua's garbage collector takes into account.
    var scriptBytes: Int { get }
    /// Whether Ctrl-C may stop a method in the middle of its work. Allowed only if methods write to nothing but their
    /// results. False by default.
    static var scriptMethodsCanBeAbandoned: Bool { get }
}

extension ScriptObject {
    public static var scriptMethods: [ScriptMethod] { [] }
    public func scriptAbsence(of name: String) -> String { "" }
    public static var scriptForeignNames: [String: String] { [:] }
    public var scriptDescription: String { Self.scriptTypeName }
    public var scriptDisplay: String { scriptDescription }
    public var scriptLine: String { String(scriptDescription.prefix { $0 != "\n" }) }
    public var scriptGiven: String {
        let type = Self.scriptTypeName
        guard let name = (self as? any Plugin)?.declaration.name, name != type else {
            // Types such as "batches" are plural.
            return type.hasSuffix("s") && !type.hasSuffix("ss") ? type : type.withArticle
        }
        return "the \(type) \(name)"
    }
    public var scriptBytes: Int { 0 }
    public static var scriptMethodsCanBeAbandoned: Bool { false }
}

/// An object is passed as itself.
extension ScriptObject {
    public static var optionTypeName: String { scriptTypeName }
    public init(option: OptionValue) throws { try self.init(object: option, named: Self.optionTypeName) }
    public var optionValue: OptionValue { .object(self) }
    public var optionText: String { Self.optionTypeName }
}

extension OptionConvertible {
    // An initializer may assign `self` only if the type need not be a class.
    fileprivate init(object option: OptionValue, named name: String) throws {
        guard case .object(let any) = option, let object = any as? Self else {
            throw OptionMismatch(expected: name.withArticle)
        }
        self = object
    }
}
