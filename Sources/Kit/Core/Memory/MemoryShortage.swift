/// Memory that was asked for and could not be had, on this thread.
///
/// Most ops cannot throw. So a shortage is handled as an interrupt is: the op gets other memory as a stand-in, `ThreadPool`
/// leaves all further work undone, and the next check throws before anybody can see what is half done. Checks stand between layers and gradients, before state is changed, and where calls return to Lua.
public enum MemoryShortage {
    /// Notes that memory could not be had; the first note until a check counts.
    public static func note(_ bytes: Int) {
        guard !isPending else { return }
        lacking.pointer = UnsafeMutableRawPointer(bitPattern: max(1, bytes))
    }

    /// True if results computed since the last check must be discarded.
    public static var isPending: Bool { lacking.pointer != nil }

    /// Throws if there was a shortage, and forgets it.
    public static func check() throws {
        guard let bytes = take() else { return }
        throw MachineMemory.shortage(of: bytes, for: "a tensor")
    }

    /// Runs `body`. If memory ran short meanwhile, throws that, whatever `body` returned or threw.
    public static func checked<Result>(_ body: () throws -> Result) throws -> Result {
        let result = Swift.Result { try body() }
        try check()
        return try result.get()
    }

    /// How many bytes could not be had, which is then forgotten; nil if there was no shortage.
    static func take() -> Int? {
        guard let bytes = lacking.pointer else { return nil }
        lacking.pointer = nil
        return Int(bitPattern: bytes)
    }

    /// The number of bytes, as the bits of a pointer.
    private static let lacking = ThreadLocal()
}
