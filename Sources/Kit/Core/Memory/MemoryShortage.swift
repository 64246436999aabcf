/// A failed allocation on this thread.
///
/// Most ops cannot throw, so a shortage is handled like an interrupt: the op gets other memory as a placeholder,
/// `ThreadPool` skips all further work, and the next check throws before anyone can see incomplete results. There are
/// checks between layers and gradients, before state is changed, and where calls return to Lua.
public enum MemoryShortage {
    /// Records a failed allocation; only the first one before a check is kept.
    public static func note(_ bytes: Int) {
        guard !isPending else { return }
        lacking.pointer = UnsafeMutableRawPointer(bitPattern: max(1, bytes))
    }

    /// Whether results computed since the last check must be discarded.
    public static var isPending: Bool { lacking.pointer != nil }

    /// Throws if there was a shortage, and resets it.
    public static func check() throws {
        guard let bytes = take() else { return }
        throw MachineMemory.shortage(of: bytes, for: "a tensor")
    }

    /// Runs `body`. If memory ran short meanwhile, that error is thrown in place of whatever `body` returned or threw.
    public static func checked<Result>(_ body: () throws -> Result) throws -> Result {
        let result = Swift.Result { try body() }
        try check()
        return try result.get()
    }

    /// The size of the failed allocation in bytes, which is then reset; nil if there was none.
    static func take() -> Int? {
        guard let bytes = lacking.pointer else { return nil }
        lacking.pointer = nil
        return Int(bitPattern: bytes)
    }

    /// The number of bytes, as the bits of a pointer.
    private static let lacking = ThreadLocal()
}
