import Foundation
import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(Mixtures.self) }

/// Separate speech and background, for mixing.
final class Mixtures: Dataset {
    static let name = "mixtures"
    static let summary =
        "Batches of speech and background, [batch, samples, 2] each, to train separators: any speech with any background, at "
        + "random positions and loudnesses. `held_out` lists the pairs that are not trained on."
    static let reference = "Random mixing as in Open-Unmix's training; columns by this kit."
    static let returns: any OptionConvertible.Type = MixtureBatches.self

    @Param("A CSV file with the columns background, speech and split (train or held_out); paths are relative to it.")
    var path: String
    @Param("Number of segments in a batch.", in: 1...4096, from: .ours) var batch: Int = 8
    @Param("Length of a segment.", in: 0.05...600, unit: "s", from: .ours) var seconds: Double = 3
    @Param("Samples per second.", in: 1000...192_000, unit: "Hz", from: .ours) var sampleRate: Int = 48_000
    @Param("Largest random gain or attenuation of speech and background.", in: 0...60, unit: "dB", from: .ours)
    var gain: Double = 6
    @Param("Whether to swap left and right of each at random.", from: .ours) var swap: Bool = true
    @Param("Seed of the random draws; by default the recipe's seed.", from: .ours)
    var seed: Int = Session.current.configuration.seed

    init() {}

    func construct() throws -> Any {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        func place(_ file: String) -> String { URL(fileURLWithPath: file, relativeTo: folder).standardizedFileURL.path }
        let rows = try LabelTable(path, columns: ["background", "speech", "split"]).rows.map { row in
            guard let split = Split(rawValue: row["split"]), split != .all else {
                throw row.fault("column 'split' must be train or held_out, but is \"\(row["split"])\"")
            }
            return (
                split: split,
                pair: MixtureBatches.Pair(background: place(row["background"]), speech: place(row["speech"]))
            )
        }
        let train = rows.filter { $0.split == .train }.map(\.pair)
        guard !train.isEmpty else { throw KitError(.badData, "\(path): no row is in split train") }
        return MixtureBatches(self, train: train, heldOut: rows.filter { $0.split == .heldOut }.map(\.pair))
    }
}

/// An endless sequence of batches.
final class MixtureBatches: BatchSource, ScriptObject {
    /// Two sound files.
    struct Pair {
        let background: String
        let speech: String
    }

    private typealias Piece = (id: String, background: Waveform, speech: Waveform)

    private let settings: Mixtures
    private let train: [Pair]
    private let heldOut: [Pair]
    private var next = 0
    private var isChecked = false
    /// The shards of this process, which reads no others.
    private var layout: ShardLayout?

    init(_ settings: Mixtures, train: [Pair], heldOut: [Pair]) {
        (self.settings, self.train, self.heldOut) = (settings, train, heldOut)
    }

    var batchesPerEpoch: Int { (train.count + settings.batch - 1) / settings.batch }

    func nextBatch() throws -> any TrainingBatch {
        defer { next += 1 }
        return try batch(next, count: settings.batch)
    }

    func share(by layout: ShardLayout?) { self.layout = layout }

    func dryRunBatch(of count: Int) throws -> (any TrainingBatch)? { try batch(next, count: count) }

    func savedPosition() throws -> String { "{\"next\":\(next),\"seed\":\(settings.seed),\"pairs\":\(train.count)}" }

    func restore(position: String) throws {
        let saved = (try? JSONDecoder().decode([String: Int].self, from: Data(position.utf8))) ?? [:]
        guard let next = saved["next"], 0...1 << 53 ~= next, saved["seed"] == settings.seed,
            saved["pairs"] == train.count
        else {
            throw KitError(
                .configuration,
                "cannot resume: the checkpoint's mixtures were \(position), but now there are \(counted(train.count, "pair")) and seed "
                    + "\(settings.seed)")
        }
        self.next = next
    }

    /// The n-th batch depends only on the seed and n.
    private func batch(_ number: Int, count: Int) throws -> MixtureBatch {
        if !isChecked { try check(train.flatMap { [$0.background, $0.speech] }, atLeast: settings.seconds) }
        isChecked = true
        let stream = RandomStream(seed: settings.seed).derived("mixtures", number)
        let rows = layout.map { $0.rows(of: $0.own, in: count) } ?? 0..<count
        var results = [Result<Piece, any Error>?](repeating: nil, count: rows.count)
        results.withUnsafeMutableBufferPointer { results in
            nonisolated(unsafe) let results = results
            ThreadPool.shared.forEach(rows.count) { place in
                results[place] = Result { try self.piece(stream.derived("piece", rows.lowerBound + place)) }
            }
        }
        let pieces = try results.map { try $0!.get() }
        return MixtureBatch(
            ids: pieces.map(\.id), background: try Tensor.stack(pieces.map { Tensor($0.background) }),
            speech: try Tensor.stack(pieces.map { Tensor($0.speech) }), rows: rows, of: count)
    }

    private func piece(_ stream: RandomStream) throws -> Piece {
        var random = stream
        let background = train[random.index(below: train.count)].background
        let speech = train[random.index(below: train.count)].speech
        return (
            "\(Self.name(background))+\(Self.name(speech))", try sound(background, &random), try sound(speech, &random)
        )
    }

    /// Throws an error that names the first unusable files, before the first step rather than in the middle of a
    /// training.
    private func check(_ paths: [String], atLeast seconds: Double) throws {
        let files = Set(paths).sortedByBytes()
        var faults = [KitError?](repeating: nil, count: files.count)
        faults.withUnsafeMutableBufferPointer { faults in
            nonisolated(unsafe) let faults = faults
            ThreadPool.shared.forEach(files.count) { place in
                guard !Interrupt.mustStop else { return }
                do {
                    _ = try Self.open(files[place], atLeast: seconds)
                } catch { faults[place] = error as? KitError ?? KitError(.internalFault, "\(error)") }
            }
        }
        try Interrupt.check()
        let told = faults.compactMap { $0 }
        guard !told.isEmpty else { return }
        let rest = told.count > 3 ? "; and \(told.count - 3) more" : ""
        throw KitError(
            told.contains { $0.kind == .noInput } ? .noInput : .badData,
            "\(settings.path): \(counted(told.count, of: files.count, "file")) cannot be used: "
                + told.prefix(3).map(\.message).joined(separator: "; ") + rest)
    }

    private static func open(_ path: String, atLeast seconds: Double) throws -> (MediaFile, AudioTrack) {
        let file = try MediaFile(path)
        guard let track = file.audioTracks.first, file.audioTracks.count == 1 else {
            throw KitError(.badData, "\(file.name): expected one sound track; it has \(file.trackList)")
        }
        guard file.duration >= seconds else {
            throw KitError(
                .badData, "\(file.name): lasts \(decimal(file.duration, 2)) s, shorter than a segment of \(seconds) s")
        }
        return (file, track)
    }

    /// A segment of a file with random position, loudness and side.
    private func sound(_ path: String, _ random: inout RandomStream) throws -> Waveform {
        let (file, track) = try Self.open(path, atLeast: settings.seconds)
        let start = random.uniform(0, file.duration - settings.seconds)
        var sound = try file.readAudio(
            track: track, start: start, duration: settings.seconds, sampleRate: settings.sampleRate)
        let factor = Float(pow(10, random.uniform(-settings.gain, settings.gain) / 20))
        let isSwapped = random.uniform(0, 1) < 0.5 && settings.swap
        let channels = isSwapped ? [sound[channel: 1], sound[channel: 0]] : [sound[channel: 0], sound[channel: 1]]
        sound.values = channels.flatMap { $0.map { $0 * factor } }
        return sound
    }

    private static func name(_ path: String) -> String { URL(fileURLWithPath: path).lastPathComponent }

    static var scriptTypeName: String { "mixtures" }
    static var scriptSummary: String { "Batches of speech and background, to train separators on." }
    var scriptDescription: String { "mixtures: \(counted(train.count, "pair")) to train, \(heldOut.count) held out" }
    static var scriptFields: [ScriptField] {
        [
            ScriptField("held_out", on: MixtureBatches.self, [Options].self) { mixtures in
                mixtures.heldOut.map { pair in
                    Options(named: [("background", .string(pair.background)), ("speech", .string(pair.speech))])
                }
            }
        ]
    }
}

/// A batch of segments.
struct MixtureBatch: TrainingBatch {
    let ids: [String]
    let background: Tensor
    let speech: Tensor
    let rows: Range<Int>
    let wholeCount: Int
    var films: [String] { ids }

    init(ids: [String], background: Tensor, speech: Tensor, rows: Range<Int>, of wholeCount: Int) {
        (self.ids, self.background, self.speech, self.rows, self.wholeCount) = (
            ids, background, speech, rows, wholeCount
        )
    }

    func part(_ part: Range<Int>) throws -> any TrainingBatch {
        let own = part.lowerBound - rows.lowerBound..<part.upperBound - rows.lowerBound
        return MixtureBatch(
            ids: Array(ids[own]), background: try background.slice(axis: 0, own),
            speech: try speech.slice(axis: 0, own),
            rows: part, of: wholeCount)
    }

    var scriptValue: OptionValue {
        .table(
            Options(named: [
                ("background", .object(background)), ("speech", .object(speech)),
                ("ids", .list(ids.map { .string($0) })),
            ]))
    }
}
