import CRegistry
import Glibc
import Synchronization

/// A shared library of plugins, made by `dubkit plugin build`. Its plugins join those of the program.
///
/// It is never unloaded, since its code may be in use until the program ends. Used only on the thread that runs
/// recipes.
public struct PluginFile: Sendable {
    /// Without symbolic links.
    public let path: String
    /// Its plugins, in the order of their entries.
    public let plugins: [any Plugin.Type]
    private let version: Version

    /// The hint at the end of the message about an unknown plugin.
    public static let absence =
        "; plugin files are loaded by --plugin, DUBKIT_PLUGIN_PATH or kit.plugin.load"

    /// All loaded files, in the order of loading.
    public static var loaded: [PluginFile] { known.withLock { $0 } }
    private static let known = Mutex<[PluginFile]>([])

    /// Distinguishes a file from one that replaced it.
    private struct Version: Equatable {
        let inode: UInt
        let seconds, nanoseconds: Int
    }

    /// Loads a plugin file, or all in a folder. Files that are loaded already are skipped. Throws, before any of its
    /// code runs, if a file was not built for exactly this kit.
    @discardableResult
    public static func load(_ path: String) throws -> [PluginFile] { try files(at: path).map(load(file:)) }

    /// The folders and files of `DUBKIT_PLUGIN_PATH`, separated by ":".
    public static var searchPath: [String] {
        let list = getenv("DUBKIT_PLUGIN_PATH").map { String(cString: $0) } ?? ""
        return list.split(separator: ":").map(String.init)
    }

    /// Loads everything in `DUBKIT_PLUGIN_PATH`.
    public static func loadSearchPath() throws {
        for path in searchPath {
            do { try load(path) } catch let error as KitError { throw error.prefixed("DUBKIT_PLUGIN_PATH") }
        }
    }

    /// The file itself, or the libraries (*.so) of a folder, sorted: those directly in it, in its `build` folder, and
    /// in the `build` folders of its subfolders.
    public static func files(at path: String) throws -> [String] { try PluginSearch.files(at: path) }

    /// The file that a plugin was loaded from; nil for one that is part of the program.
    public static func origin(of plugin: any Plugin.Type) -> String? {
        loaded.first { $0.plugins.contains { $0 == plugin } }?.path
    }

    private static func load(file: String) throws -> PluginFile {
        guard let resolved = realpath(file, nil) else {
            throw KitError(.noInput, "plugin \(file): \(String(cString: strerror(errno)))")
        }
        defer { free(resolved) }
        let path = String(cString: resolved)
        let version = try version(of: path)
        if let known = loaded.first(where: { $0.path == path }) {
            guard known.version == version else {
                throw KitError(
                    .configuration,
                    "plugin \(path) has changed since it was loaded, and code cannot be replaced: start dubkit again")
            }
            return known
        }
        let gate = PluginGate(path: path, host: try PluginKit.find().interface)
        try gate.check()
        guard let library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) else {
            throw gate.failure(String(cString: dlerror()))
        }
        guard let symbol = dlsym(library, "dubkit_plugin_sections") else {
            throw gate.refusal("has no entries (dubkit_plugin_sections)")
        }
        let sections = unsafeBitCast(symbol, to: (@convention(c) () -> dubkit_sections).self)()
        let file: PluginFile
        do {
            let plugins = try PluginRegistry.declared(in: sections).map { try $0.get() }
            guard !plugins.isEmpty else {
                throw KitError(
                    .configuration,
                    "registers nothing: add @section(\"dubkit_plugins\") @used private let entry: PluginEntry = { ... }"
                )
            }
            try PluginRegistry.shared.add(plugins)
            ScriptTypes.add(declaredIn: sections)
            file = PluginFile(path: path, plugins: plugins, version: version)
        } catch let error as KitError {
            throw error.prefixed("plugin \(path)")
        } catch {
            throw KitError(.configuration, "plugin \(path) cannot work here: \(error)")
        }
        known.withLock { $0.append(file) }
        if let source = PluginSearch.newerSource(than: path) {
            let folder = source.lastIndex(of: "/").map { source[..<$0] } ?? "."
            warn("plugin \(path) is older than \(source): build it again with 'dubkit plugin build \(folder)'")
        }
        return file
    }

    private static func version(of path: String) throws -> Version {
        var facts = stat()
        guard stat(path, &facts) == 0 else { throw KitError.inputOutput("plugin \(path)", errno) }
        return Version(inode: facts.st_ino, seconds: facts.st_mtim.tv_sec, nanoseconds: facts.st_mtim.tv_nsec)
    }
}
