import ArgumentParser
import Kit
import LuaBridge

struct PluginTestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract:
            "Build the plugin in a folder and hold it to what every plugin of its kind owes, and to its own tests.",
        discussion: "Its own tests are test.lua and test_*.lua: scripts that raise an error where something is wrong.")

    @Argument(help: "The plugin's folder.", completion: .directory)
    var folder = "."

    func run() throws {
        let package = try PluginPackage(folder)
        try package.build()
        var failed: [String] = []
        for plugin in try PluginFile.load(package.library.path).flatMap(\.plugins) {
            let report = ConformanceSubject(PluginDeclaration(plugin)).check(and: [.lua])
            print(report.text)
            if !report.faults.isEmpty { failed.append(report.plugin) }
        }
        for test in package.tests {
            do {
                try LuaState().run(file: test.path)
                print("\(test.lastPathComponent)  ok")
            } catch let error as KitError {
                print("\(test.lastPathComponent)  FAULT  \(error.message)")
                failed.append(test.lastPathComponent)
            }
        }
        guard failed.isEmpty else {
            throw KitError(.badData, "plugin test: faults in \(failed.joined(separator: ", "))")
        }
    }
}
