import CLuaShim
import Glibc
import Kit
import Synchronization

/// The Lua interpreter of one `LuaState`, shared with the functions that native code holds.
///
/// Every call into the C shim runs protected and returns a status, so no error jumps over a Swift frame. Belongs to the
/// thread that created it, or that took it over last.
package final class LuaCore {
    /// The interpreter of the outermost call in progress.
    static var running: LuaCore? { Session.current[Running.self].core }

    private final class Running: SessionPart, @unchecked Sendable {
        var core: LuaCore?
    }

    /// Null once closed.
    private var pointer: OpaquePointer?
    var openState: OpaquePointer? { pointer }
    /// The thread that may use the interpreter; the shards of a step take turns.
    private var thread = pthread_self()
    private var types: [ObjectIdentifier: ScriptTypeBinding] = [:]
    private let forgotten = ForgottenGroups()
    private(set) var lastTraceback: String?
    /// Whether the running script was told to end, which is not an error.
    private var isStopping = false
    /// Seeds Lua's own random numbers.
    var onSeed: (Int) throws -> Void = { _ in }
    /// The place of a function: "recipe.lua:12".
    var place: (LuaFunction) -> String = { _ in "?" }
    /// Called with each plugin that a script defines.
    var onDefine: (PluginDeclaration) -> Void = { _ in }
    /// A suggestion at the end of an error message; "" if there is none.
    var hint: (KitError) -> String = { _ in "" }

    init(_ memory: dks_memory) throws {
        guard let state = dks_open(LuaHost.callbacks, memory) else {
            throw KitError(.outOfMemory, "not enough memory to start Lua")
        }
        pointer = state
    }

    deinit { close() }

    /// Releases everything that Lua holds. Functions that native code still holds throw from now on.
    func close() {
        guard let state = pointer else { return }
        pointer = nil
        dks_close(state)
        types.removeAll()
        // These closures hold functions that hold this interpreter in turn.
        onSeed = { _ in }
        place = { _ in "?" }
        onDefine = { _ in }
        hint = { _ in "" }
    }

    /// Lets the calling thread use the interpreter from now on.
    func takeOver() { thread = pthread_self() }

    /// Compiles source text.
    func load(_ text: String, name: String) throws -> LuaFunction {
        let bytes = Array(text.utf8CString)
        return try enter {
            dks_load($0, bytes, bytes.count - 1, name, $1)
        } then: {
            try Self.function(in: &$0)
        }
    }

    /// Compiles a file.
    func load(file path: String) throws -> LuaFunction {
        try enter {
            dks_load_file($0, path, $1)
        } then: {
            try Self.function(in: &$0)
        }
    }

    /// Calls a function and returns all its results.
    func invoke(_ function: LuaFunction, _ arguments: [OptionValue]) throws -> [OptionValue] {
        try invoke(function, arguments) { try $0.rest() }
    }

    /// Calls a function and ignores its results.
    func run(_ function: LuaFunction) throws { try invoke(function, []) { _ in } }

    private func invoke<Result>(
        _ function: LuaFunction, _ arguments: [OptionValue], then read: (inout NodeReader) throws -> Result
    ) throws -> Result {
        var writer = NodeWriter(self)
        for argument in arguments { try writer.append(argument) }
        let callee = try writer.node(of: function)
        let tree = writer.takeTree()
        return try enter { state, results in
            defer { dks_free_tree(state, tree.nodes, tree.count) }
            return dks_invoke(state, callee, tree.nodes, arguments.count, results)
        } then: {
            try read(&$0)
        }
    }

    /// The native function behind a Lua function; nil if there is none.
    func native(_ function: LuaFunction) -> NativeFunction? {
        guard let pointer, let node = try? NodeWriter(self).node(of: function) else { return nil }
        return dks_callable_of(pointer, node).map {
            Unmanaged<NativeFunction>.fromOpaque($0).takeUnretainedValue()
        }
    }

    /// Calls a function for each new error, while the functions that it ends can still be looked at.
    func setWitness(_ function: LuaFunction) throws {
        let node = try NodeWriter(self).node(of: function)
        try enter {
            dks_set_witness($0, node, $1)
        } then: { _ in
        }
    }

    /// Runs one entry point of the shim and reads its results before they leave Lua's stack.
    private func enter<Result>(
        _ body: (OpaquePointer, UnsafeMutablePointer<dks_results>) throws -> Int32,
        then read: (inout NodeReader) throws -> Result
    ) throws -> Result {
        guard let state = pointer else { throw KitError(.internalFault, "this Lua function's interpreter was closed") }
        guard pthread_equal(pthread_self(), thread) != 0 else {
            throw KitError(.internalFault, "a Lua function was called on another thread than the recipe's")
        }
        let groups = forgotten.take()
        if !groups.isEmpty { _ = dks_forget(state, groups, groups.count) }
        let session = Session.current
        let running = session[Running.self]
        let outer = running.core
        (running.core, session.interpreter) = (self, self)
        defer { (running.core, session.interpreter) = (outer, outer) }
        var results = dks_results()
        let status = try body(state, &results)
        defer { dks_leave(state, &results) }
        guard status == DKS_OK else { throw failure(state, &results) }
        var reader = NodeReader(results.nodes, count: results.count, group: results.group, core: self)
        return try read(&reader)
    }

    private static func function(in reader: inout NodeReader) throws -> LuaFunction {
        guard case .object(let any) = try reader.next(), let function = any as? LuaFunction else {
            throw KitError(.internalFault, "Lua compiled a chunk to something that is not a function")
        }
        return function
    }

    private func failure(_ state: OpaquePointer, _ results: UnsafePointer<dks_results>) -> KitError {
        let failure = dks_last_failure(state, results)
        let kind =
            failure.is_memory
            ? .outOfMemory : KitError.Kind(rawValue: Int32(truncatingIfNeeded: failure.code)) ?? .usage
        // Work that was stopped in an orderly way reports what it kept.
        if Interrupt.mustStop, kind != .tryAgain { return KitError(.interrupted, "interrupted") }
        let message = String(bytes: failure.message, count: failure.message_length)
        let traceback = failure.traceback.map { String(bytes: $0, count: failure.traceback_length) }
        let error = KitError(kind, raised: message)
        let hinted = KitError(kind, error.text + hint(error), at: error.place)
        lastTraceback = traceback
        return hinted
    }

    /// The traceback of an error that has already passed through Lua; nil for any other.
    func traceback(of error: KitError) -> String? { error.place == nil ? nil : lastTraceback ?? "" }

    /// The number of an object's type in Lua.
    func typeNumber(of object: any ScriptObject) throws -> Int32 {
        let type = type(of: object)
        if let known = types[ObjectIdentifier(type)] { return known.number }
        guard let pointer else { throw KitError(.internalFault, "the Lua interpreter was closed") }
        let binding = ScriptTypeBinding(type, number: Int32(types.count + 1), core: self)
        try binding.bind(in: pointer)
        types[ObjectIdentifier(type)] = binding
        return binding.number
    }

    func typeName(_ number: Int32) -> String {
        types.values.first { $0.number == number }.map { $0.type.scriptTypeName } ?? "object"
    }

    /// Ends the running script without an error. No `pcall` stops it.
    func stop() {
        guard let pointer, dks_is_running(pointer) != 0 else { return }
        isStopping = true
        dks_stop(pointer)
    }

    /// Whether a stop was requested since the last call of this.
    func takeStop() -> Bool {
        defer { isStopping = false }
        return isStopping
    }

    /// Records that native code no longer holds any function of a group. May be called on any thread.
    func forget(_ group: Int64) { forgotten.append(group) }

    /// The number of bytes in Lua's own values.
    var bytesInUse: Int { pointer.map(dks_bytes_in_use) ?? 0 }
    /// The number of bytes in native objects that Lua holds.
    var nativeBytes: Int { pointer.map(dks_native_bytes) ?? 0 }
    /// The number of allocations so far, for tests that make one of them fail.
    var allocations: Int64 { pointer.map(dks_allocations) ?? 0 }
}

/// References that native code released, kept until Lua's thread can drop them.
private final class ForgottenGroups: Sendable {
    private let groups = Mutex<[Int64]>([])

    func append(_ group: Int64) { groups.withLock { $0.append(group) } }

    func take() -> [Int64] {
        groups.withLock { groups in
            defer { if !groups.isEmpty { groups.removeAll() } }
            return groups
        }
    }
}

extension String {
    /// Text from Lua, in which invalid UTF-8 is replaced.
    init(bytes: UnsafePointer<CChar>?, count: Int) {
        self.init(
            decoding: UnsafeRawBufferPointer(start: UnsafeRawPointer(bytes), count: bytes == nil ? 0 : count),
            as: UTF8.self)
    }
}
