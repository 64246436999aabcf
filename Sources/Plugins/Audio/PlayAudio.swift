import Foundation
import Kit

/// `kit.audio.play(x)`: plays a tensor as sound with a player of the machine.
final class PlayAudio: CalledWithArguments {
    static let kind = "audio"
    static let name = "play"
    static let summary = "Plays a sound, [samples] or [samples, channels], full scale ±1, and waits for its end."
    static let reference = "The first player found on PATH: pw-play, paplay, aplay, ffplay or sox's play."
    static let arguments = ["x", "sample_rate"]
    static let returns: any OptionConvertible.Type = Nothing.self

    @Param("The sound.", positional: true) var x: GivenNumbers
    @Param("Samples per second.", in: 1000...192_000, unit: "Hz", from: .authorsCode) var sampleRate: Int = 48_000

    private static let players: [(name: String, flags: [String])] = [
        ("pw-play", []), ("paplay", []), ("aplay", ["-q"]), ("ffplay", ["-nodisp", "-autoexit", "-loglevel", "error"]),
        ("play", ["-q"]),
    ]

    init() {}

    func construct() throws -> Any {
        let sound = try x.tensor(rank: 2, expected: "[samples] or [samples, channels]")
        guard sound.values.allSatisfy(\.isFinite) else {
            throw KitError.usage("option 'x' contains values that are not finite")
        }
        let (program, flags) = try Self.player()
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("dubkit-\(UUID().uuidString).wav")
        defer { try? FileManager.default.removeItem(at: file) }
        try Waveform(sound, sampleRate: sampleRate).write(file.path)
        try Self.run(program, flags + [file.path])
        return OptionValue.results([])
    }

    private static func player() throws -> (path: String, flags: [String]) {
        for (name, flags) in players {
            if let path = ChildProcess.path(of: name) { return (path, flags) }
        }
        throw KitError(
            .configuration,
            "no player was found: install one of \(players.map(\.name).joined(separator: ", ")), "
                + "or write a file with kit.media.write_audio")
    }

    /// Waits for the end, or stops the player when interrupted.
    private static func run(_ program: String, _ arguments: [String]) throws {
        var process = ChildProcess(program, arguments)
        process.standardInput = FileHandle.nullDevice.fileDescriptor
        process.standardOutput = FileHandle.nullDevice.fileDescriptor
        let complaints = Pipe()
        // Read the output, so that a player that prints more than fits into a pipe does not block.
        let writing = complaints.fileHandleForWriting.fileDescriptor
        _ = fcntl(writing, F_SETFL, fcntl(writing, F_GETFL) | O_NONBLOCK)
        process.standardError = complaints.fileHandleForWriting.fileDescriptor
        let ending = try process.run()
        try complaints.fileHandleForWriting.close()
        guard ending == .exit(0) else {
            let text = String(
                decoding: (try complaints.fileHandleForReading.readToEnd() ?? Data()).prefix(500), as: UTF8.self)
            throw KitError(
                .inputOutput,
                "\(program) failed with \(ending): "
                    + text.trimmingCharacters(in: .whitespacesAndNewlines))
        }
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(PlayAudio.self) }
