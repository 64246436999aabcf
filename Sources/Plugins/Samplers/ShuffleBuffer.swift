import Foundation
import Kit

/// Tar files one after the other, through a buffer that shuffles.
final class ShuffleBuffer: Sampler {
    static let name = "shuffle_buffer"
    static let summary =
        "Reads tar files (of other films, folders) in random order, each from its start to its end, and draws clips at "
        + "random from a buffer: every clip once per epoch, with few jumps on a disk that is slow at them."
    static let reference =
        "The order of webdataset's shuffle and of tf.data's shuffle; a buffer of all clips is uniform."

    @Param("Clips in a batch.", in: 1...1_048_576, from: .ours) var batch: Int = 32
    @Param(
        "Clips in the buffer from which the next one is drawn; 1 keeps the order within a tar file.",
        in: 1...16_777_216,
        from: .ours)
    var buffer: Int = 1000
    @Param(
        "Parts of an epoch that are read side by side, each with a buffer of its own. A batch takes equally many clips in a "
            + "row from each: with the number of processes, each process reads tar files of its own.",
        in: 1...1_048_576, from: .ours) var streams: Int = 1
    @Param("Seed of the order, jitter, augmentation and choice of dubs; by default the recipe's seed.", from: .ours)
    var seed: Int = Session.current.configuration.seed
    @Param(
        "Whether to leave out the clips that do not fill a last batch, different ones in every epoch; false makes that batch smaller.",
        from: .ours) var dropLast: Bool = true

    func validate() throws {
        guard batch % streams == 0 else {
            throw KitError.usage(
                "option 'batch' must be a multiple of the \(streams) streams, but is \(batch)")
        }
    }

    func batches(of clips: SampledClips, epoch: Int) throws -> [[Int]] {
        let count = clips.clips.count
        try checkBatch(of: count, isPartial: !dropLast)
        let root = RandomStream(seed: seed).derived("shuffle_buffer", epoch)
        let order = readingOrder(of: clips, root.derived("tar files"))
        let parts = (0..<streams).map { stream in
            let part = order[stream * count / streams..<(stream + 1) * count / streams]
            return shuffled(Array(part), root.derived("stream", stream))
        }
        let share = batch / streams
        let whole = parts.map { $0.count / share }.min()!
        var batches = (0..<whole).map { number in
            parts.flatMap { $0[number * share..<(number + 1) * share] }
        }
        let rest = parts.flatMap { $0[(whole * share)...] }
        // Of parts that differ by one clip, the rest may still fill a batch.
        batches += chunks(rest, dropLast: dropLast)
        return batches
    }

    /// All clips, file by file in random order, each in its own order.
    private func readingOrder(of clips: SampledClips, _ random: RandomStream) -> [Int] {
        var random = random
        var numbers: [String: Int] = [:]
        let containerOfSource = clips.sources.map { source in
            let container = MediaPlace.container(of: source.path)
            let number = numbers[container] ?? numbers.count
            numbers[container] = number
            return number
        }
        var containers = [[Int]](repeating: [], count: numbers.count)
        for (number, clip) in clips.clips.enumerated() { containers[containerOfSource[clip.source]].append(number) }
        return random.permutation(containers.count).flatMap { containers[$0] }
    }

    /// Draws from a buffer that is filled up after each draw.
    private func shuffled(_ clips: [Int], _ random: RandomStream) -> [Int] {
        var random = random
        var held = Array(clips.prefix(buffer))
        var drawn: [Int] = []
        drawn.reserveCapacity(clips.count)
        for next in clips.dropFirst(buffer) {
            let place = random.index(below: held.count)
            drawn.append(held[place])
            held[place] = next
        }
        return drawn + random.permutation(held.count).map { held[$0] }
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(ShuffleBuffer.self) }
