/// A function from Lua, callable from native code.
public protocol ScriptFunction: AnyObject {
    /// Calls the function and returns all its results. An error in Lua is thrown as a `KitError` with the recipe's file
    /// and line.
    func results(_ arguments: [OptionValue]) throws -> [OptionValue]
}

extension ScriptFunction {
    /// Calls the function and returns its first result; nil if it has none.
    public func call(_ arguments: [OptionValue]) throws -> OptionValue { try results(arguments).first ?? .null }
}
