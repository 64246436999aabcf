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
        let file = try PluginFile.load(package.library.path)[0]
        for test in package.tests {
            try LuaState().run(file: test.path)
            print("\(test.lastPathComponent): ok")
        }
        print("\(file.plugins.map { $0.qualifiedName }.joined(separator: ", ")): ok")
    }
}
