import ArgumentParser
import Foundation
import Kit
import LuaBridge

/// The command `dubkit`.
@main
struct Dubkit: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dubkit",
        abstract: "Audio-only and audiovisual representation learning from films and their dubs.",
        version: Version.text,
        subcommands: [
            RunCommand.self, EmbedCommand.self, ReportCommand.self, ReplCommand.self, HelpCommand.self,
            DataCommand.self, PluginCommand.self, LuaCommand.self, DoctorCommand.self, DocsCommand.self,
        ])

    /// Runs the command line; errors become one message on standard error and the exit code of their kind.
    static func main() {
        Signals.install()
        let words = Array(CommandLine.arguments.dropFirst())
        do {
            try Subcommands.check(words)
            var command = try parse(words)
            try InstructionSet.checkEnvironment()
            if let notice = try ThreadCount.checkEnvironment() {
                FileHandle.standardError.write(Data("warning: \(notice)\n".utf8))
            }
            try command.run()
        } catch let error as KitError {
            FileHandle.standardError.write(Data("dubkit: \(error.message)\n".utf8))
            let isTerminated = error.kind == .interrupted && Signals.last == SIGTERM
            Foundation.exit(isTerminated ? 143 : error.kind.rawValue)
        } catch {
            exit(withError: error)
        }
    }

    private static func parse(_ words: [String]) throws -> any ParsableCommand {
        do { return try parseAsRoot(words) } catch { throw UnknownOption.error(for: error, in: words) ?? error }
    }
}
