import ArgumentParser
import Kit

struct PluginCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugin", abstract: "Extend the kit in Swift, in your own files.",
        discussion: "See docs/guide/plugins.md.",
        subcommands: [PluginNewCommand.self, PluginBuildCommand.self, PluginTestCommand.self, PluginListCommand.self])
}

struct PluginNewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new", abstract: "Write a folder with a working plugin, a test and an example to start from.")

    @Argument(help: "One of: \(PluginTemplate.kinds.joined(separator: ", ")).", completion: .list(PluginTemplate.kinds))
    var kind: String

    @Argument(help: "Its name in snake case: recipes then find it as kit.<kind>.<name>.")
    var name: String

    @Option(
        name: .shortAndLong, help: "The folder to write. Default: the plugin's name.", completion: .directory)
    var out: String?

    func run() throws {
        let files = try PluginPackage.create(kind: kind, name: name, at: out)
        try StandardStreams.show((files + ["next: dubkit plugin test \(out ?? name)"]).joined(separator: "\n"))
    }
}

struct PluginBuildCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build", abstract: "Build the plugin in a folder; needs the compiler that built this dubkit.")

    @Argument(help: "The plugin's folder.", completion: .directory)
    var folder = "."

    func run() throws {
        let package = try PluginPackage(folder)
        try package.build()
        try StandardStreams.show(package.library.path)
    }
}

struct PluginListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show the plugins of DUBKIT_PLUGIN_PATH; exit with 78 if one cannot be loaded, and say why.")

    @OptionGroup var options: PluginOptions

    func run() throws {
        var rows: [[String]] = []
        var problems: [KitError] = []
        for path in PluginFile.searchPath + options.paths {
            do {
                for file in try PluginFile.files(at: path) {
                    do {
                        rows += try PluginFile.load(file).flatMap { file in
                            file.plugins.map { [$0.qualifiedName, file.path, $0.summary] }
                        }
                    } catch let error as KitError { problems.append(error) }
                }
            } catch let error as KitError { problems.append(error) }
        }
        try StandardStreams.show(
            rows.isEmpty
                ? "no plugin files: use --plugin or DUBKIT_PLUGIN_PATH" : TextTable.text(rows))
        guard problems.isEmpty else {
            throw KitError(.configuration, problems.map(\.message).joined(separator: "\n"))
        }
    }
}
