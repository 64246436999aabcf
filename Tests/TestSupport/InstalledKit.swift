import Foundation
import Kit

/// The kit installed into its own folder, and plugins built with it: once for all tests, and removed when they end.
public struct InstalledKit: Sendable {
    public let root: URL
    public var program: URL { root.appendingPathComponent("bin/dubkit") }

    public static let shared = Result { try InstalledKit() }

    private init() throws {
        root = FileManager.default.temporaryDirectory.appendingPathComponent("dubkit-installed-\(getpid())")
        atexit {
            let root = FileManager.default.temporaryDirectory.appendingPathComponent("dubkit-installed-\(getpid())")
            try? FileManager.default.removeItem(at: root)
        }
        let install = Process()
        install.executableURL = URL(fileURLWithPath: "/bin/sh")
        install.arguments = [Fixtures.repository.appendingPathComponent("scripts/dev/install.sh").path, root.path]
        try install.run()
        install.waitUntilExit()
        guard install.terminationStatus == 0 else {
            throw KitError(.configuration, "scripts/dev/install.sh failed: build the product dubkit before the tests")
        }
    }

    public func run(
        _ arguments: [String], input: String = "", environment: [String: String] = [:]
    ) throws -> Command.Outcome {
        try Command.run(arguments, program: program, input: input, environment: environment)
    }

    /// Runs a script and gives what it prints.
    public func run(script: String, with arguments: [String]) throws -> Command.Outcome {
        try Fixtures.withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("script.lua")
            try Data("local kit = require 'kit'\n\(script)".utf8).write(to: file)
            return try run(["run", file.path] + arguments)
        }
    }

    /// Builds a plugin from these Swift files, in a folder of this name that is the only one in another folder.
    /// - Returns: its library.
    public func build(_ name: String, _ files: [(name: String, text: String)]) throws -> URL {
        let folder = root.appendingPathComponent("plugins-\(name)/\(name)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, text) in files { try Data(text.utf8).write(to: folder.appendingPathComponent(name)) }
        let outcome = try run(["plugin", "build", folder.path])
        guard outcome.status == 0 else { throw KitError(.badData, outcome.errors) }
        return folder.appendingPathComponent("build/\(name).so")
    }
}
