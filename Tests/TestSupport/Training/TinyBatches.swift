import Foundation
import Kit

/// Batches that depend only on their position: 8 clips whose sound is a noisy mixture of their video.
public final class TinyBatches: BatchSource {
    public let batchesPerEpoch: Int
    public private(set) var given = 0
    public let leftOut: [String]
    private let change: (TinyBatch) -> TinyBatch

    /// - Parameters:
    ///   - leftOut: the sources that are said not to be used.
    ///   - change: alters a batch before it is given, as to put a NaN into it.
    public init(
        batchesPerEpoch: Int = 5, leftOut: [String] = [], change: @escaping (TinyBatch) -> TinyBatch = { $0 }
    ) {
        (self.batchesPerEpoch, self.leftOut, self.change) = (batchesPerEpoch, leftOut, change)
    }

    public func nextBatch() throws -> any TrainingBatch {
        try Interrupt.check()
        let place = "tiny/\(given / batchesPerEpoch)/\(given % batchesPerEpoch)"
        given += 1
        return change(TinyBatch(place: place, number: given))
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

    init(place: String, number: Int) {
        self.number = number
        ids = (0..<8).map { "\(place)/\($0)" }
        films = (0..<8).map { "film \($0 / 2)" }
        video = Pattern.tensor("\(place)/video", [8, 6])
        let noise = Pattern.tensor("\(place)/noise", [8, 6], -0.3, 0.3)
        audio = Tensor(zip(video.values, noise.values).map { $0.0 * 0.7 + $0.1 }, [8, 6])
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
