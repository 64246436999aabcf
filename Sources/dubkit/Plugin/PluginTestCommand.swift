import ArgumentParser
import Foundation
import Kit
import LuaBridge

struct PluginTestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract:
            "Build the plugin in a folder and run the checks for every plugin of its kind, and its own tests.",
        discussion: "Its own tests are test.lua and test_*.lua: scripts that raise an error if something is wrong.")

    @Argument(help: "The plugin's folder.", completion: .directory)
    var folder = "."

    @Option(
        name: .customLong("tell"),
        help: ArgumentHelp("The file that gets the name of the current test.", visibility: .private))
    var progress: String?

    func run() throws {
        let package = try PluginPackage(folder)
        if let progress { return try test(package) { try AtomicFile.write($0.utf8, to: progress) } }
        try package.build()
        try TestingProcess.run { ["plugin", "test", folder, "--tell", $0] }
    }

    /// Runs all tests. Calls `begin` before each part.
    private func test(_ package: PluginPackage, begin: (String) throws -> Void) throws {
        try begin("\(package.library.path) crashed when it was loaded")
        var failed: [String] = []
        for plugin in try PluginFile.load(package.library.path).flatMap(\.plugins) {
            let report = try ConformanceSubject(PluginDeclaration(plugin)).check(and: [.lua]) { check in
                try begin("\(plugin.qualifiedName) crashed in the check '\(check.name)'")
            }
            try StandardStreams.show(report.text)
            if !report.faults.isEmpty { failed.append(report.plugin) }
        }
        for test in package.tests {
            let name = test.lastPathComponent
            try begin("the plugin crashed in \(name)")
            do {
                try LuaState().run(file: test.path)
                try StandardStreams.show("\(name)  ok")
            } catch let error as KitError {
                try StandardStreams.show("\(name)  FAULT  \(error.message)")
                failed.append(name)
            }
        }
        guard failed.isEmpty else {
            throw KitError(.badData, "plugin test: faults in \(failed.joined(separator: ", "))")
        }
    }
}
