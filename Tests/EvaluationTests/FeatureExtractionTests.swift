import Foundation
import Kit
import Plugins
import TestSupport
import Testing

/// Encoders over sound files on the disk.
@Suite(.serialized, .alone("Ctrl-C")) struct FeatureExtractionTests {
    private static func encoder(_ name: String = "audio") throws -> TrainedRun.Encoding {
        WeightSeed.reset(11)
        let plugin = try PluginRegistry.shared.make(kind: "encoder", name: "small_audio", options: Options())
        return try .init(name: name, module: try #require(try plugin.construct() as? Module))
    }

    private static func clips() throws -> ClipSettings {
        var (settings, mel) = (ClipSettings(), LogMel.Settings())
        (mel.sampleRate, mel.fftSize, mel.hop, mel.mels, mel.highest) = (16000, 512, 256, 24, 8000)
        (settings.seconds, settings.mel) = (0.5, try LogMel(mel))
        return settings
    }

    /// Sounds of 0.3 s (padded) to 1.5 s (three clips) in steps of 0.3 s; more than half a clip is left of 0.9 s alone.
    private static func withSounds(_ count: Int = 5, _ body: (URL, [ClipSource]) throws -> Void) throws {
        try Fixtures.withTemporaryFolder { folder in
            for index in 0..<count {
                try SoundFiles.write(
                    "\(folder.path)/in/\(index).wav", seconds: 0.3 + 0.3 * Double(index),
                    pitch: 200 + 150 * Double(index))
            }
            try body(folder, try Manifest.read("\(folder.path)/in"))
        }
    }

    private static func embedding(_ sources: [ClipSource], batch: Int = 2) throws -> FeatureExtraction {
        var embedding = FeatureExtraction(
            sources, clips: try clips(), encoders: [try encoder()], fingerprint: "fresh 11")
        (embedding.batch, embedding.workers) = (batch, 1)
        return embedding
    }

    @Test func sourcesAreTheMeansOfTheirClips() throws {
        try Self.withSounds { _, sources in
            var embedding = try Self.embedding(sources)
            let means = try #require(try embedding.run().first)
            #expect(means.ids == ["0", "1", "2", "3", "4"] && means.view == "audio" && means.encoder == "fresh 11")
            embedding.unit = .clip
            let clips = try #require(try embedding.run().first)
            #expect(
                clips.ids == [
                    "0:0.000", "1:0.000", "2:0.000", "2:0.400", "3:0.000", "3:0.500", "4:0.000", "4:0.500", "4:1.000",
                ])
            let width = clips.values.shape[1]
            let pair = try clips.values.slice(axis: 0, 4..<6).mean([0])
            let error = (0..<width).map { abs(pair.values[$0] - means.values.values[3 * width + $0]) }.max()!
            #expect(error < 1e-6)
        }
    }

    @Test func evaluationModeAndNoGradients() throws {
        try Self.withSounds { _, sources in
            let encoder = try Self.encoder()
            let before = encoder.module.namedBuffers().map(\.tensor.values)
            let embedding = FeatureExtraction(sources, clips: try Self.clips(), encoders: [encoder], fingerprint: "")
            let first = try embedding.run()
            #expect(encoder.module.isTraining && encoder.module.namedBuffers().map(\.tensor.values) == before)
            #expect(first[0].values.needsGrad == false)
            // In evaluation a clip's features do not depend on the other clips of its batch, except for rounding.
            var alone = embedding
            alone.batch = 1
            let second = try alone.run()
            let error = zip(first[0].values.values, second[0].values.values).map { abs($0 - $1) / max(1, abs($0)) }
                .max()!
            #expect(error < 1e-4)
        }
    }

    /// The files of an interrupted embedding that changed afterwards.
    enum Damage: String, CaseIterable {
        case valueChanged, valuesCut, valuesGone, namesTwice, namesGarbled, widthChanged, otherPlan, noFolder, tooMany

        func happen(to journal: URL) throws {
            let (values, names) = (
                journal.appendingPathComponent("audio.f32"), journal.appendingPathComponent("batches.jsonl")
            )
            var bytes = try Data(contentsOf: values)
            let text = try String(contentsOf: names, encoding: .utf8)
            let lines = text.split(separator: "\n")
            switch self {
            case .valueChanged:
                bytes[bytes.count / 2] ^= 1
                try bytes.write(to: values)
            case .valuesCut: try bytes.prefix(bytes.count / 2 + 3).write(to: values)
            case .valuesGone: try FileManager.default.removeItem(at: values)
            // As two processes wrote them that embedded into one folder.
            case .namesTwice: try Data(lines.map { "\($0)\n\($0)\n" }.joined().utf8).write(to: names)
            case .namesGarbled:
                try Data((lines.prefix(2) + ["}{"]).joined(separator: "\n").utf8 + [10]).write(to: names)
            case .widthChanged: try Data(text.replacing(#/"width":\d+/#, with: "\"width\":-7").utf8).write(to: names)
            case .otherPlan: try Data("another\n".utf8).write(to: journal.appendingPathComponent("plan.txt"))
            case .noFolder:
                try FileManager.default.removeItem(at: journal)
                try FileManager.default.createDirectory(at: journal, withIntermediateDirectories: true)
            case .tooMany: try Data((text + text).utf8).write(to: names)
            }
        }
    }

    @Test(arguments: Damage.allCases) func whatIsDamagedIsMadeAgain(damage: Damage) throws {
        try Self.withSounds { folder, sources in
            let embedding = try Self.embedding(sources)
            let out = folder.appendingPathComponent("out")
            let journal = out.appendingPathComponent("partial")
            let whole = try embedding.run(journal: journal.path)
            try damage.happen(to: journal)
            var said = ""
            let log = RunLog(terminal: Terminal(isInteractive: false) { said += $0 })
            try embedding.write(to: out.path, log: log)
            let read = try FeatureFolder.read(out.path)
            #expect(read[0].values.values == whole[0].values.values && read[0].ids == whole[0].ids)
            #expect(try DiskFileSystem().names(in: out.path) == ["audio.npy", "ids.json"])
            let isBegunAnew = [.otherPlan, .noFolder].contains(damage)
            #expect(said.contains("are damaged after") != isBegunAnew, "\(said)")
        }
    }

    /// All rows were there, but not yet the features.
    @Test func nothingIsLeftToEmbed() throws {
        try Self.withSounds { folder, sources in
            let embedding = try Self.embedding(sources)
            let whole = try embedding.run(journal: "\(folder.path)/out/partial")
            var said = ""
            try embedding.write(
                to: "\(folder.path)/out", log: RunLog(terminal: Terminal(isInteractive: false) { said += $0 }))
            #expect(said.contains("continuing after 9 of 9 clips") && !said.contains("embedded"), "\(said)")
            #expect(try FeatureFolder.read("\(folder.path)/out")[0].values.values == whole[0].values.values)
        }
    }

    @Test func oneProcessAtATimeEmbedsIntoAFolder() throws {
        try Self.withSounds { folder, sources in
            let out = "\(folder.path)/out"
            try Folder.make(out)
            var other: FileLock? = try FileLock("\(out)/.lock", held: "")
            let error = #expect(throws: KitError.self) { try Self.embedding(sources).write(to: out) }
            #expect(error?.kind == .configuration)
            #expect(error?.message == "features are being written to '\(out)' by another process")
            #expect(try DiskFileSystem().names(in: out) == [".lock"])
            // Its process was killed, and left the file.
            withExtendedLifetime(other) {}
            other = nil
            try Self.embedding(sources).write(to: out)
            #expect(try DiskFileSystem().names(in: out) == ["audio.npy", "ids.json"])
        }
    }

    @Test func interruptedGoesOnWithTheSameBits() throws {
        try Self.withSounds { folder, sources in
            let out = "\(folder.path)/out"
            let whole = try Self.embedding(sources).run()
            var (clock, lines) = (0.0, 0)
            let terminal = Terminal(isInteractive: false) { text in
                lines += 1
                if text.hasPrefix("embedded 4/9") { Interrupt.request() }
            }
            let log = RunLog(
                terminal: terminal,
                now: {
                    clock += 10; return clock
                })
            defer { Interrupt.clear() }
            let error = #expect(throws: KitError.self) { try Self.embedding(sources).write(to: out, log: log) }
            #expect(error?.kind == .tryAgain && error?.message.contains("stopped after 4 of 9 clips") == true)
            Interrupt.clear()
            // A row that was written without its name does not count.
            let rows = try FileHandle(forWritingTo: URL(fileURLWithPath: "\(out)/partial/audio.f32"))
            try rows.seekToEnd()
            try rows.write(contentsOf: Data(repeating: 7, count: 100))
            try rows.close()
            var said = ""
            let quiet = RunLog(terminal: Terminal(isInteractive: false) { said += $0 })
            try Self.embedding(sources).write(to: out, log: quiet)
            #expect(said.contains("continuing after 4 of 9 clips"))
            let read = try FeatureFolder.read(out)
            #expect(read[0].values.values == whole[0].values.values && read[0].ids == whole[0].ids)
            #expect(!FileManager.default.fileExists(atPath: "\(out)/partial"))
            said = ""
            try Self.embedding(sources).write(to: out, log: quiet)
            #expect(said.contains("is up to date: 5 rows"))
            said = ""
            try Self.embedding(Array(sources.dropLast())).write(to: out, log: quiet)
            #expect(!said.contains("up to date"))
            #expect(try FeatureFolder.read(out)[0].ids.count == 4)
        }
    }

    @Test func unreadableSourcesAreAnErrorThatNamesThem() throws {
        try Self.withSounds { folder, sources in
            try Data("no sound".utf8).write(to: folder.appendingPathComponent("in/2.wav"))
            let error = #expect(throws: KitError.self) { try Self.embedding(sources).run() }
            #expect(error?.kind == .badData && error?.message.contains("/in/2.wav") == true, "\(error?.message ?? "")")
        }
    }

    @Test func filmsWithoutSoundAreAnErrorOrAreLeftOut() throws {
        try Self.withSounds(2) { folder, _ in
            try FilmFiles.write("\(folder.path)/in/mute.mp4", seconds: 1)
            let sources = try Manifest.read("\(folder.path)/in")
            var embedding = try Self.embedding(sources)
            let error = #expect(throws: KitError.self) { try embedding.run() }
            #expect(error?.message.contains("mute.mp4: has no sound") == true, "\(error?.message ?? "")")
            embedding.unusable = .skip
            var said = ""
            let log = RunLog(terminal: Terminal(isInteractive: false) { said += $0 })
            #expect(try embedding.run(log: log)[0].ids == ["0", "1"])
            #expect(said.contains("warning: left out: ") && said.contains("mute.mp4: has no sound"), "\(said)")
        }
    }

    @Test func nonFiniteFeaturesAreNamed() throws {
        try Self.withSounds(2) { _, sources in
            let encoder = try Self.encoder()
            encoder.module.namedParameters().last!.tensor.pointer[0] = .nan
            let embedding = FeatureExtraction(sources, clips: try Self.clips(), encoders: [encoder], fingerprint: "")
            let error = #expect(throws: KitError.self) { try embedding.run() }
            #expect(error?.kind == .nonFinite && error?.message.contains("features 'audio': row '0'") == true)
        }
    }
}
