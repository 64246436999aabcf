import Foundation
import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(RunProgram.self) }

/// `kit.run_program { command = { "espeak-ng", "-v", "es", "-w", "a.wav", text } }`.
struct RunProgram: Function {
    static let name = "run_program"
    static let summary =
        "Runs another program, without a shell, and returns what it printed on its standard output. Ctrl-C ends it. If it "
        + "fails, the error has the command and what the program complained about."
    static let reference = "This kit."
    static let returns: any OptionConvertible.Type = String.self

    @Param("The program, found in PATH, and its arguments.") var command: [String]
    @Param("Text for its standard input.", from: .ours) var input: String = ""

    func validate() throws {
        guard command.first?.isEmpty == false else {
            throw KitError.usage("option 'command' must begin with the name of a program")
        }
        // The system would cut the argument there.
        if let number = command.firstIndex(where: { $0.utf8.contains(0) }) {
            throw KitError.usage("option 'command': word \(number + 1) contains a NUL character")
        }
    }

    func construct() throws -> Any {
        guard let path = ChildProcess.path(of: command[0]) else {
            throw KitError(.configuration, "the program '\(command[0])' was not found: install it, or correct PATH")
        }
        let result = try ChildProcess(path, Array(command.dropFirst())).captured(input: Data(input.utf8))
        guard result.ending == .exit(0) else {
            let complaint = result.complaint.isEmpty ? "" : ": \(result.complaint)"
            throw KitError(
                .inputOutput, "'\(command.joined(separator: " "))' failed with \(result.ending)\(complaint)")
        }
        return String(decoding: result.output, as: UTF8.self)
    }
}
