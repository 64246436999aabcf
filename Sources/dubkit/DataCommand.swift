import ArgumentParser
import Kit
import Plugins

struct DataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data", abstract: "Inspect films and manifests, and pack them.",
        subcommands: [DataCheckCommand.self, DataPackCommand.self])
}

struct DataCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Decode every film and track once and report faults; exit with 65 if a file cannot be used.")

    @Argument(help: "Folder of films, manifest (.jsonl, .csv), tar files, or one film.", completion: .file())
    var path: String

    @Option("seconds", of: Films.self) var seconds: String?

    @Option(help: "Languages that every film should have, separated by commas: es,fr.")
    var languages: WordList?

    @Option("data_root", of: Films.self, completion: .directory) var dataRoot: String?

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let wanted = try languages?.words.map { try Language($0) }
        let check = try DataCheck(
            path, dataRoot: OptionFlag("data_root", of: Films.self).setting(dataRoot),
            seconds: OptionFlag("seconds", of: Films.self).setting(seconds), languages: wanted)
        try StandardStreams.show(json ? String(decoding: try check.json(), as: UTF8.self) : check.table)
        if check.hasFaults { throw KitError(.badData, "data check: \(path): some files cannot be used") }
    }
}
