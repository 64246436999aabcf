import Kit

/// `kit.media.sound_writer { path = "background.flac" }`.
///
/// The file appears under its name when it is closed, by `close` or at the end of the scope of its `<close>` variable.
/// If an error ends the scope, or it is never closed, nothing is left behind.
final class SoundWriterPlugin: MediaFunction {
    static let name = "sound_writer"
    static let summary =
        "Writes a sound file piece by piece, of any length: .mka, .m4a, .flac, .ogg, .opus, .mp3 or .wav, with the codec "
        + "of its kind."
    static let returns: any OptionConvertible.Type = SoundInProgress.self

    @Param("The file to write; the extension decides its kind.") var path: String
    @Param("Samples per second.", in: 8000...192_000, unit: "Hz", from: .authorsCode) var sampleRate: Int = 48_000
    @Param("Number of channels: 1 mono, 2 stereo.", in: 1...8, from: .ours) var channels: Int = 2

    init() {}

    var changesFiles: Bool { true }

    func construct() throws -> Any { try SoundInProgress(self) }
}

/// A sound file that is being written.
final class SoundInProgress: ScriptObject {
    private let settings: SoundWriterPlugin
    /// Nil after the file was closed or abandoned.
    private var writer: FilmWriter?
    private var count = 0

    init(_ settings: SoundWriterPlugin) throws {
        self.settings = settings
        var sound = FilmWriter.Sound()
        sound.codec = try Container.written(to: settings.path).writing.sound
        (sound.sampleRate, sound.channels) = (settings.sampleRate, settings.channels)
        try UnwrittenFiles.makeFolder(Folder.of(settings.path))
        writer = try FilmWriter(settings.path, sounds: [sound])
    }

    func write(_ samples: Tensor) throws {
        guard let writer else { throw KitError.usage("write: \(settings.path) is closed") }
        guard samples.shape.rank == 2, samples.shape[1] == settings.channels else {
            throw KitError.usage(
                "write: expected [samples, channels \(settings.channels)] for \(settings.path), "
                    + "but the shape is \(samples.shape)")
        }
        guard samples.nonFiniteCount == 0 else {
            throw KitError(.nonFinite, "write: NaN or infinity in the sound for \(settings.path)")
        }
        guard samples.count > 0 else { return }
        count += samples.shape[0]
        try writer.write(sound: Waveform(samples, sampleRate: settings.sampleRate))
    }

    /// Completes the file and renames it to its name. A second call does nothing.
    func close() throws {
        guard let writer else { return }
        self.writer = nil
        guard count > 0 else { throw KitError.usage("close: nothing was written to \(settings.path)") }
        try writer.finish()
    }

    /// Leaves no file behind.
    func giveUp() { writer = nil }
}

extension SoundInProgress {
    static var scriptTypeName: String { "sound writer" }
    static var scriptSummary: String {
        "A sound file that is being written; it appears under its name when it is closed."
    }
    var scriptDescription: String {
        let seconds = Double(count) / Double(settings.sampleRate)
        return "sound writer \(settings.path), \(durationText(seconds)), \(writer == nil ? "closed" : "open")"
    }

    static var scriptMethods: [ScriptMethod] {
        [
            ScriptMethod(
                "write", on: SoundInProgress.self, "Adds samples, [samples, channels] with full scale ±1.",
                ScriptArgument("samples", Tensor.self)
            ) { file, samples in try file.write(samples) },
            ScriptMethod("close", on: SoundInProgress.self, "Completes the file and renames it to its name.") {
                try $0.close()
            },
            ScriptMethod(
                "__close", on: SoundInProgress.self,
                "Completes the file at the end of its scope, or abandons it after an error.",
                ScriptArgument("failed", Bool.self)
            ) { file, failed in if failed { file.giveUp() } else { try file.close() } },
        ]
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(SoundWriterPlugin.self) }
@section("dubkit_script_types") @used private let writer: PluginEntry = { registerScriptType(SoundInProgress.self) }
