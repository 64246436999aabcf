import CLuaShim
import Kit

/// Each thread that takes turns runs its own coroutine and so has its own Lua stack.
extension LuaCore: ScriptTurns {
    public func beginTurns() throws {
        takeOver()
        guard let state = openState, dks_begin_turns(state) == DKS_OK else {
            throw KitError(.outOfMemory, "not enough memory for Lua's values")
        }
    }

    public func endTurns() { openState.map(dks_end_turns) }

    public func leave() -> ScriptPlace { ScriptPlace(openState.flatMap(dks_leave_turn)) }

    public func comeBack(to place: ScriptPlace) {
        takeOver()
        if let state = openState, let pointer = place.pointer { dks_take_turn(state, pointer) }
    }
}
