import Foundation
import Kit

/// Batches that depend only on their position: 8 clips whose sound is a noisy mixture of their video.
public final class TinyBatches: BatchSource {
    public let batchesPerEpoch: Int
    public private(set) var given = 0
    public let leftOut: [String]
    private let clips: Int
    private let change: (TinyBatch) -> TinyBatch

    /// - Parameters:
    ///   - clips: of a batch.
    ///   - leftOut: the sources that are said not to be used.
    ///   - change: alters a batch before it is given, as to put a NaN into it.
    public init(
        batchesPerEpoch: Int = 5, clips: Int = 8, leftOut: [String] = [],
        change: @escaping (TinyBatch) -> TinyBatch = { $0 }
    ) {
        (self.batchesPerEpoch, self.clips, self.leftOut, self.change) = (batchesPerEpoch, clips, leftOut, change)
    }

    public func nextBatch() throws -> any TrainingBatch {
        try Interrupt.check()
        let place = "tiny/\(given / batchesPerEpoch)/\(given % batchesPerEpoch)"
        given += 1
        return change(TinyBatch(place: place, number: given, count: clips))
    }

    public func savedPosition() throws -> String { "{\"given\":\(given)}" }

    public func restore(position: String) throws {
        guard let saved = try JSONDecoder().decode([String: Int].self, from: Data(position.utf8))["given"] else {
            throw KitError(.badData, "not a position of tiny batches: \(position)")
        }
        given = saved
    }
}

public struct TinyBatch: TrainingBatch {
    public var number: Int
    public var ids: [String]
    public var films: [String]
    public var video: Tensor
    public var audio: Tensor
    public var rows: Range<Int>
    public let wholeCount: Int

    init(place: String, number: Int, count: Int = 8) {
        self.number = number
        (rows, wholeCount) = (0..<count, count)
        ids = (0..<count).map { "\(place)/\($0)" }
        films = (0..<count).map { "film \($0 / 2)" }
        video = Pattern.tensor("\(place)/video", [count, 6])
        let noise = Pattern.tensor("\(place)/noise", [count, 6], -0.3, 0.3)
        audio = Tensor(zip(video.values, noise.values).map { $0.0 * 0.7 + $0.1 }, [count, 6])
    }

    public func part(_ part: Range<Int>) throws -> any TrainingBatch {
        var batch = self
        batch.rows = part
        batch.ids = Array(ids[part])
        batch.films = Array(films[part])
        batch.video = try video.slice(axis: 0, part)
        batch.audio = try audio.slice(axis: 0, part)
        return batch
    }

    public var scriptValue: OptionValue {
        .table(Options(named: [("video", .object(video)), ("audio", .object(audio))]))
    }
}

/// A function as a recipe would hand it over, written in Swift.
public final class SwiftFunction: ScriptFunction {
    private let body: ([OptionValue]) throws -> OptionValue
    public init(_ body: @escaping ([OptionValue]) throws -> OptionValue) { self.body = body }
    public func results(_ arguments: [OptionValue]) throws -> [OptionValue] { [try body(arguments)] }
}
