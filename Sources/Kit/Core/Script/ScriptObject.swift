/// A native object that a recipe can hold and call: tensors, modules, datasets...
///
/// A type lists its methods and fields next to its definition; the Lua binding, `help()` and the reference pages derive
/// from them. It can then be the type of an option, an argument, a field or a result:
///
///     @Param("The network that is copied.") var network: Module
///     ScriptParameter("other", Tensor.self)
public protocol ScriptObject: AnyObject, OptionConvertible {
    /// How messages and `help` call the type: "tensor", "module".
    static var scriptTypeName: String { get }
    /// What it is, in one sentence.
    static var scriptSummary: String { get }
    /// Methods, called in Lua as `object:name(...)`. Names with two underscores are Lua's metamethods: `__add`, `__call`.
    /// None by default.
    static var scriptMethods: [ScriptMethod] { get }
    /// The properties that objects of the type have. None by default.
    static var scriptFields: [ScriptField] { get }
    /// A value for `object.key` where `key` is no method; nil if there is no such property. By default what `scriptFields`
    /// give; a type whose properties are known only at run time answers by itself.
    func scriptProperty(_ name: String) -> OptionValue?
    /// The keys that `scriptProperty` answers to: for "did you mean", `pairs(object)` and completion.
    var scriptPropertyNames: [String] { get }
    /// Why there is no such key, or where it may yet come from, if it resembles none: ends the message. Empty by default.
    func scriptAbsence(of name: String) -> String
    /// What other libraries call that which this type has, with how a recipe writes it: `["size": "x:shape()"]`. It is
    /// shown to who writes the foreign name, which remains an error. None by default.
    static var scriptForeignNames: [String: String] { get }
    /// What `print(object)` shows.
    var scriptDescription: String { get }
    /// What the prompt shows for it: as much as one wants to look at. `scriptDescription` unless the type says otherwise.
    var scriptDisplay: String { get }
    /// What stands for it inside a table: one line. The first of `scriptDescription` unless the type says otherwise.
    var scriptLine: String { get }
    /// What messages call it where it was given for something else: "tensor", "loss clip". The type, and which of its
    /// plugins it is, unless the type says otherwise.
    var scriptGiven: String { get }
    /// Native bytes that live as long as the object: charged to Lua's collector.
    var scriptBytes: Int { get }
    /// Whether Ctrl-C may end a method in the middle of its work. Only where methods write into nothing but what they return;
    /// false unless the type says otherwise.
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
        guard let name = (self as? any Plugin)?.declaration.name, name != type else { return type }
        return "\(type) \(name)"
    }
    public var scriptBytes: Int { 0 }
    public static var scriptMethodsCanBeAbandoned: Bool { false }
}

/// An object crosses as itself.
extension ScriptObject {
    public static var optionTypeName: String { scriptTypeName }
    public init(option: OptionValue) throws { try self.init(object: option, named: Self.optionTypeName) }
    public var optionValue: OptionValue { .object(self) }
    public var optionText: String { Self.optionTypeName }
}

extension OptionConvertible {
    // Only where a type need not be a class may an initializer assign `self`.
    fileprivate init(object option: OptionValue, named name: String) throws {
        guard case .object(let any) = option, let object = any as? Self else {
            throw OptionMismatch(expected: name.withArticle)
        }
        self = object
    }
}
