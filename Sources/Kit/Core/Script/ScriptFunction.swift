/// A function from Lua, callable from native code.
public protocol ScriptFunction: AnyObject {
    /// Calls it and returns all its results; throws what it raises as a `KitError` that carries the recipe's file and line.
    func results(_ arguments: [OptionValue]) throws -> [OptionValue]
}

extension ScriptFunction {
    /// Calls it and returns its first result; nil if it has none.
    public func call(_ arguments: [OptionValue]) throws -> OptionValue { try results(arguments).first ?? .null }
}
