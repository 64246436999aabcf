import ArgumentParser
import Foundation
import Kit

struct DataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data", abstract: "Inspect films and manifests.", subcommands: [DataCheckCommand.self])
}

struct DataCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Decode every film and track once and report faults; exit with 65 if a file cannot be used.")

    @Argument(help: "A folder, a manifest (.jsonl, .csv) or one file.", completion: .file())
    var path: String

    @Option(help: "Length of a clip in seconds; shorter files are reported.")
    var seconds = 3.0

    @Option(help: "Languages that every film should have, separated by commas: es,fr.")
    var languages: WordList?

    @Option(help: "What {data_root} in a manifest stands for.", completion: .directory)
    var dataRoot: String?

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard seconds > 0, seconds.isFinite else {
            throw ValidationError("--seconds must be a finite number above 0, but is \(seconds)")
        }
    }

    func run() throws {
        let wanted = try languages?.words.map { try Language($0) }
        let check = try DataCheck(path, dataRoot: dataRoot, seconds: seconds, languages: wanted)
        try StandardStreams.show(json ? String(decoding: try check.json(), as: UTF8.self) : check.table)
        if check.hasFaults { throw KitError(.badData, "data check: \(path): some files cannot be used") }
    }
}
