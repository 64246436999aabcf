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
        version: Version.full,
        subcommands: [
            RunCommand.self, ResumeCommand.self, SweepCommand.self, EmbedCommand.self, ExportCommand.self,
            ReportCommand.self,
            ReplCommand.self, HelpCommand.self, DataCommand.self, WeightsCommand.self, PluginCommand.self,
            LuaCommand.self, DoctorCommand.self, DocsCommand.self,
        ])

    /// Runs the command line. An error becomes a message on standard error and the exit code of its kind.
    static func main() {
        StandardStreams.open()
        Signals.install()
        RecipeDefinitions.install()
        let words = Array(CommandLine.arguments.dropFirst())
        do {
            try Subcommands.checkValues(words)
            try Subcommands.check(words)
            var command = try parse(words)
            if !(command is RunCommand || command is ResumeCommand || command is EmbedCommand
                || command is DoctorCommand)
            {
                let name = type(of: command).configuration.commandName ?? ""
                try Launch.requireOneProcess(for: "dubkit \(name)")
            }
            try InstructionSet.checkEnvironment()
            if let notice = try ThreadCount.checkEnvironment() {
                FileHandle.standardError.write(Data("warning: \(notice)\n".utf8))
            }
            try command.run()
            // Flushes the output of the recipe.
            try StandardStreams.flush()
            try Processes.finish()
            Processes.end(0)
        } catch {
            Processes.abandon(error.asKitError)
            let status = status(of: error)
            Processes.end(status)
            Foundation.exit(status)
        }
    }

    /// Shows an error and returns its exit code. The argument parser also uses errors to show help.
    private static func status(of error: any Error) -> Int32 {
        let code = exitCode(for: error)
        let isOfParser = !(error is KitError) && (code != .failure || error is ExitCode)
        guard isOfParser else {
            let error = error.asKitError
            if Processes.speaks { StandardStreams.complain("dubkit: \(error.message)") }
            let isTerminated = error.kind == .interrupted && Signals.isTerminated
            return isTerminated ? 128 + Signals.last : error.kind.rawValue
        }
        let text = fullMessage(for: error)
        guard code == .success else {
            if !text.isEmpty { StandardStreams.complain(text) }
            return code.rawValue
        }
        do { try StandardStreams.show(text) } catch { return status(of: error) }
        return 0
    }

    private static func parse(_ words: [String]) throws -> any ParsableCommand {
        do { return try parseAsRoot(words) } catch { throw UnknownOption.error(for: error, in: words) ?? error }
    }
}
