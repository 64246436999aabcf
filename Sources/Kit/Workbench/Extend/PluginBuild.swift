import Foundation
import KitCore

extension PluginPackage {
    /// Compiles and links the package against the kit of this program. The compiler's messages go to standard error.
    ///
    /// The new library replaces the old one in one step, since a program may have the old one open.
    public func build() throws {
        let kit = try PluginKit.find()
        let compiler = try SwiftCompiler()
        guard compiler.version == kit.compiler else {
            throw KitError(
                .configuration,
                "plugin build: \(compiler.path) is \(compiler.version), but this dubkit was compiled by \(kit.compiler), and "
                    + "their Swift types have different layouts: put the right compiler first on PATH")
        }
        let place = library.deletingLastPathComponent().path
        try Folder.make(place)
        let lock = try FileLock(
            "\(place)/\(FileLock.fileName)", isRemoved: true,
            held: "plugin build: another process is building \(folder.path)")
        defer { withExtendedLifetime(lock) {} }
        let work = URL(fileURLWithPath: "\(place)/\(name).tmp")
        // The remains of a killed build.
        try? FileManager.default.removeItem(at: work)
        try Folder.make(work.path)
        defer { try? FileManager.default.removeItem(at: work) }
        let (entries, made) = (
            work.appendingPathComponent("plugin.o").path, work.appendingPathComponent("plugin.so").path
        )
        try run(compiler.clang, ["-std=c23", "-O2", "-fPIC", "-c", "\(kit.folder)/plugin.c", "-o", entries])
        let flags = String(decoding: try DiskFileSystem().read("\(kit.folder)/flags"), as: UTF8.self).split(
            separator: "\n")
        // The kit's symbols stay undefined: the program that loads the library provides them.
        try run(
            compiler.path,
            // With line numbers, so that a crash report shows where.
            ["-emit-library", "-module-name", "\(name)_plugin", "-O", "-g", "-wmo", "-swift-version", "6"]
                + ["-I", "\(kit.folder)/modules"] + flags.map(String.init) + ["-o", made, entries] + sources.map(\.path)
        )
        try DiskFileSystem().rename(made, to: library.path)
    }

    private func run(_ program: String, _ arguments: [String]) throws {
        var process = ChildProcess(program, arguments)
        process.standardOutput = STDERR_FILENO
        let ending: ChildProcess.Ending
        do { ending = try process.run() } catch let error as KitError where error.kind == .inputOutput {
            throw KitError(.configuration, "plugin build: \(error.message)")
        }
        guard ending == .exit(0) else {
            throw KitError(
                .badData,
                "plugin build: \(URL(fileURLWithPath: program).lastPathComponent) could not build \(folder.path): "
                    + "see its messages above, and docs/guide/plugins.md for the headers that it needs and for "
                    + "the Swift names of Lua's tensor methods")
        }
    }
}

/// The compiler in `PATH`.
private struct SwiftCompiler {
    let path: String
    /// Its version line.
    let version: String
    /// The C compiler that comes with it.
    let clang: String

    private struct Target: Decodable {
        struct Paths: Decodable { let runtimeResourcePath: String }
        let compilerVersion: String
        let paths: Paths
    }

    init() throws {
        guard let path = ChildProcess.path(of: "swiftc") else {
            throw KitError(
                .configuration, "plugin build: no swiftc on PATH: install the toolchain from https://swift.org/install")
        }
        let pipe = Pipe()
        var process = ChildProcess(path, ["-print-target-info"])
        process.standardOutput = pipe.fileHandleForWriting.fileDescriptor
        do {
            // The answer fits into the buffer of a pipe.
            _ = try process.run()
            try pipe.fileHandleForWriting.close()
            let answer = try pipe.fileHandleForReading.readToEnd() ?? Data()
            let target = try JSONDecoder().decode(Target.self, from: answer)
            version = target.compilerVersion
            clang = URL(fileURLWithPath: "\(target.paths.runtimeResourcePath)/../../bin/clang").standardizedFileURL.path
        } catch let error as KitError {
            throw error
        } catch {
            throw KitError(
                .configuration, "plugin build: \(path) does not state its version: \(error.localizedDescription)")
        }
        self.path = path
    }
}
