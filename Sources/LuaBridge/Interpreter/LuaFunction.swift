import CLuaShim
import Kit

/// A function of a recipe that native code holds and calls.
final class LuaFunction: ScriptFunction {
    let group: FunctionGroup
    /// Its index in the group.
    let position: Int32

    init(_ group: FunctionGroup, position: Int32) {
        self.group = group
        self.position = position
    }

    func results(_ arguments: [OptionValue]) throws -> [OptionValue] { try group.core.invoke(self, arguments) }
}

/// The functions that were passed to native code in one call. Lua keeps them alive with one reference.
final class FunctionGroup {
    let core: LuaCore
    let reference: Int64

    init(_ core: LuaCore, reference: Int64) {
        self.core = core
        self.reference = reference
    }

    deinit { core.forget(reference) }
}
