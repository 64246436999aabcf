import CLuaShim
import Foundation
import Kit

/// A Lua interpreter with the kit: it provides `kit`, `help` and `require "kit"` from the registry.
///
/// Loads only source text. Errors are `KitError`s that begin with the recipe's file and line. Belongs to the thread
/// that created it.
public final class LuaState {
    package let core: LuaCore
    let prelude: Prelude
    package let help: Help
    /// The chunks from the prompt, by their names in messages.
    var chunks: [String: String] = [:]
    /// The names of those that ended with an error.
    var failedChunks: Set<String> = []
    /// The files that were run, for messages.
    private(set) var files: [String] = []

    /// - Parameter memoryLimit: the limit in bytes for Lua's own values. Native memory, such as tensors, is not
    ///   counted.
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

    /// The traceback of the last error, for `-v`.
    public var lastTraceback: String? { core.lastTraceback }

    /// The number of bytes in native objects that Lua holds.
    package var nativeBytes: Int { core.nativeBytes }
    /// The number of Lua's allocations so far.
    package var allocations: Int64 { core.allocations }

    /// Runs a recipe. `require` finds modules in its folder, in `lib/` inside it, and in `lib/` next to it.
    public func run(file path: String) throws { try run(file: path, modulesOf: nil) }

    /// The same; `require` also finds modules where the recipe was at first, if it is a copy.
    public func run(file path: String, modulesOf folder: String?) throws {
        try prepare(file: path, modulesOf: folder)
        try untilStopped { try core.run(core.load(file: path)) }
    }

    /// Checks that a recipe can be read, and lets `require` find the modules next to it.
    func prepare(file path: String, modulesOf other: String? = nil) throws {
        guard FileManager.default.isReadableFile(atPath: path) else {
            let reason = FileManager.default.fileExists(atPath: path) ? "cannot be read" : "does not exist"
            throw KitError(.noInput, "recipe '\(path)' \(reason)\(KitShare.hint(for: path))")
        }
        if let kind = FileName.waitingKind(path) {
            throw KitError(.noInput, "recipe '\(path)' is \(kind), not a file of Lua text")
        }
        files.append(path)
        let folders =
            [URL(fileURLWithPath: path).deletingLastPathComponent()] + (other.map { [URL(fileURLWithPath: $0)] } ?? [])
        try prelude.setSearchPath(
            folders.flatMap { folder in
                let parent = folder.deletingLastPathComponent().relativePath
                return [folder.relativePath, "\(folder.relativePath)/lib", "\(parent)/lib"]
            })
    }

    /// Runs source text and returns what it returns. A name such as "@file.lua" or "=prompt" appears in messages.
    @discardableResult
    public func run(chunk: String, name: String = "=chunk") throws -> [OptionValue] {
        var values: [OptionValue] = []
        try untilStopped { values = try core.invoke(core.load(chunk, name: name), []) }
        return values
    }

    /// The content of `arg` in a script: its own name at 0, then its arguments.
    public func setArguments(_ arguments: [String], script: String) throws {
        try prelude.setArguments(arguments, script: script)
    }

    /// Sets a global variable.
    public func setGlobal(_ name: String, _ value: OptionValue) throws { try prelude.define(name, value) }

    /// Runs `body`. A script that was told to stop counts as finished.
    func untilStopped(_ body: () throws -> Void) throws {
        do {
            try body()
            _ = core.takeStop()
        } catch {
            if !core.takeStop() { throw error }
        }
    }
}
