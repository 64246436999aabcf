import CLuaShim
import Foundation
import Kit

/// A Lua interpreter that knows the kit: `kit`, `help` and `require "kit"` are there, made from the registry.
///
/// Loads source text only. Errors are `KitError`s that begin with the recipe's file and line. Belongs to the thread
/// that made it.
public final class LuaState {
    package let core: LuaCore
    let prelude: Prelude
    package let help: Help
    /// What was typed at the prompt, by the name that messages give it.
    var chunks: [String: String] = [:]
    /// The files that were run.
    private(set) var files: [String] = []

    /// - Parameter memoryLimit: bytes that Lua's own values may take; native memory, such as tensors, is not counted.
    public convenience init(memoryLimit: Int = 1 << 30) throws {
        try self.init(memory: dks_memory(limit: memoryLimit, fail_at: 0, fail_span: 0))
    }

    /// With a limit and failing allocations, for tests.
    package init(memory: dks_memory) throws {
        core = try LuaCore(memory)
        do { prelude = try Prelude(core) } catch {
            // There is no deinit of what was never whole.
            core.close()
            throw error
        }
        let kit = KitNamespace()
        help = kit.help
        help.state = self
        core.hint = { [weak self] error in self?.hint(for: error) ?? "" }
        try prelude.define("kit", .object(kit))
        try prelude.define("help", .object(help))
        try prelude.define("apropos", .object(Apropos()))
        try prelude.call("mark_own")
    }

    deinit {
        PluginRegistry.shared.withdraw(definedBy: core)
        core.close()
    }

    /// Where the last error came from, call by call: for `-v`.
    public var lastTraceback: String? { core.lastTraceback }

    /// Bytes of the native objects that Lua holds.
    package var nativeBytes: Int { core.nativeBytes }
    /// Allocations of Lua so far.
    package var allocations: Int64 { core.allocations }

    /// Runs a recipe. `require` finds modules in its folder, in `lib/` there, and in `lib/` beside that folder.
    public func run(file path: String) throws {
        try prepare(file: path)
        try untilStopped { try core.run(core.load(file: path)) }
    }

    /// Checks that a recipe can be read, and has `require` find what lies beside it.
    func prepare(file path: String) throws {
        guard FileManager.default.isReadableFile(atPath: path) else {
            let reason = FileManager.default.fileExists(atPath: path) ? "cannot be read" : "does not exist"
            throw KitError(.noInput, "recipe '\(path)' \(reason)\(KitShare.hint(for: path))")
        }
        if let kind = FileName.waitingKind(path) {
            throw KitError(.noInput, "recipe '\(path)' is \(kind), not a file of Lua text")
        }
        files.append(path)
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        let beside = folder.deletingLastPathComponent().relativePath
        try prelude.setSearchPath([folder.relativePath, "\(folder.relativePath)/lib", "\(beside)/lib"])
    }

    /// Runs source text and returns what it returns. A name such as "@file.lua" or "=prompt" appears in messages.
    @discardableResult
    public func run(chunk: String, name: String = "=chunk") throws -> [OptionValue] {
        var values: [OptionValue] = []
        try untilStopped { values = try core.invoke(core.load(chunk, name: name), []) }
        return values
    }

    /// What a script finds in `arg`: its own name under 0, then its arguments.
    public func setArguments(_ arguments: [String], script: String) throws {
        try prelude.setArguments(arguments, script: script)
    }

    /// Makes a value known under a global name.
    public func setGlobal(_ name: String, _ value: OptionValue) throws { try prelude.define(name, value) }

    /// Runs `body`; a script that was told to stop has ended well.
    func untilStopped(_ body: () throws -> Void) throws {
        do {
            try body()
            _ = core.takeStop()
        } catch {
            if !core.takeStop() { throw error }
        }
    }
}
