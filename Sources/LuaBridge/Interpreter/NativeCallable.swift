import Kit

/// A native function as a value in Lua.
final class NativeCallable: ScriptObject {
    static let scriptTypeName = "function"
    static let scriptSummary = "A function of the kit."
    static let scriptMethods = [
        ScriptMethod(
            "__call", on: NativeCallable.self, "Calls it.", ScriptArgument(rest: "arguments", OptionValue.self),
            returns: OptionValue.self
        ) { function, arguments in try function.body(arguments) }
    ]

    private let name: String
    private let body: ([OptionValue]) throws -> OptionValue

    init(_ name: String, _ body: @escaping ([OptionValue]) throws -> OptionValue) {
        self.name = name
        self.body = body
    }

    var scriptDescription: String { name }
}
