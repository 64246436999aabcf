/// An interpreter that several threads use in turns, as the shards of a step do: each in its own coroutine.
///
/// Only one of the threads runs at a time, and each says when it leaves the interpreter and when it is back.
public protocol ScriptTurns: AnyObject {
    /// Begins a coroutine for the calling thread. Throws if there is not enough memory.
    func beginTurns() throws
    /// Ends the calling thread's coroutine.
    func endTurns()
    /// Leaves the interpreter to other threads.
    ///
    /// - Returns: what `comeBack` needs.
    func leave() -> ScriptPlace
    /// Returns to where the calling thread left.
    func comeBack(to place: ScriptPlace)
}

/// Where a thread left an interpreter.
public struct ScriptPlace: @unchecked Sendable {
    package let pointer: UnsafeMutableRawPointer?
    package init(_ pointer: UnsafeMutableRawPointer?) { self.pointer = pointer }
}

extension Session {
    /// The interpreter whose script runs; nil if none does.
    public var interpreter: (any ScriptTurns)? {
        get { self[Interpreter.self].interpreter }
        set { self[Interpreter.self].interpreter = newValue }
    }
}

extension Session {
    /// How an option is written where the user can set it: `unusable = "skip"` in a script, `--unusable skip` on a command
    /// line.
    package func written(_ option: String, _ value: String) -> String {
        interpreter == nil ? "--\(option.replacing("_", with: "-")) \(value)" : "\(option) = \"\(value)\""
    }
}

private final class Interpreter: SessionPart, @unchecked Sendable {
    weak var interpreter: (any ScriptTurns)?
}
