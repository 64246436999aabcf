import KitCore
import KitMedia

/// Feeds sound of any length through a separator, in pieces of any size, with the memory of one block.
///
/// Blocks overlap, and where they do, the first fades out and the second fades in. The position of blocks depends only
/// on the sound, so the result has the same bits however the sound is cut into pieces. The number of samples does not
/// change.
public final class SeparationStream {
    private let separator: any Separator
    let sampleRate: Int
    private let into: Resampler?
    private let back: Resampler?
    private let workRate: Int
    private let block: Int
    private let overlap: Int
    private var waiting: [[Float]] = [[], []]
    /// The last `overlap` samples of the previous block, into which the next one fades; empty before the first block.
    private var tail: [[Float]] = [[], []]
    private var taken = 0
    private var given = 0

    /// - Parameters:
    ///   - separator: receives the blocks.
    ///   - sampleRate: the rate of the sound. Throws unless it is in `Waveform.sampleRates`.
    public init(_ separator: any Separator, sampleRate: Int) throws {
        let rates = Waveform.sampleRates
        guard rates.contains(sampleRate) else {
            throw KitError.usage(
                "separate: expected a sample rate of \(rates.lowerBound) to \(rates.upperBound) Hz, given \(sampleRate)"
            )
        }
        self.separator = separator
        self.sampleRate = sampleRate
        workRate = separator.sampleRate ?? sampleRate
        into = workRate == sampleRate ? nil : try Resampler(from: sampleRate, to: workRate, channels: 2)
        back = workRate == sampleRate ? nil : try Resampler(from: workRate, to: sampleRate, channels: 2)
        block = Int((separator.blockSeconds * Double(workRate)).rounded())
        overlap = Int((separator.overlapSeconds * Double(workRate)).rounded())
        precondition(overlap > 0 && block >= 2 * overlap, "blocks must be at least twice as long as their overlap")
    }

    /// Takes the next samples, [2, count] or [1, count], and returns the sound without speech that is ready: [2,
    /// ready].
    public func separate(_ sound: Waveform) throws -> Waveform {
        guard 1...2 ~= sound.channels else {
            throw KitError.usage(
                "a separator takes mono or stereo sound, given \(sound.channels) channels: mix it down first")
        }
        precondition(sound.sampleRate == sampleRate, "a stream of \(sampleRate) Hz was given \(sound.sampleRate) Hz")
        taken += sound.count
        let stereo = sound.channels == 2 ? sound : sound.duplicated
        return counted(try output(of: try into?.resample(stereo) ?? stereo, isLast: false))
    }

    /// Returns the rest of the result after the sound has ended.
    public func finish() throws -> Waveform {
        let rest = try into?.finish() ?? Waveform(channels: 2, count: 0, sampleRate: workRate)
        var last = try output(of: rest, isLast: true)
        if let back { last = Waveform(joining: [last, try back.finish()]) }
        // Resampling in both directions rounds the length up, so cutting it restores the length.
        return counted(last.fitted(to: max(0, taken - given)))
    }

    private func counted(_ sound: Waveform) -> Waveform {
        given += sound.count
        return sound
    }

    private func output(of input: Waveform, isLast: Bool) throws -> Waveform {
        for channel in 0..<2 { waiting[channel] += input[channel: channel] }
        var parts = [Waveform(channels: 2, count: 0, sampleRate: workRate)]
        // As long as anything follows, a block is not the last and may hold back its end.
        while waiting[0].count > block {
            parts.append(try next(block, keeping: overlap))
            for channel in 0..<2 { waiting[channel].removeFirst(block - overlap) }
        }
        if isLast, !waiting[0].isEmpty {
            parts.append(try next(waiting[0].count, keeping: 0))
            waiting = [[], []]
        }
        let ready = Waveform(joining: parts)
        return try back?.resample(ready) ?? ready
    }

    /// Separates the first `count` waiting samples. The last `kept` of them become the tail.
    private func next(_ count: Int, keeping kept: Int) throws -> Waveform {
        try Interrupt.check()
        let input = Waveform(
            channels: 2, count: count, sampleRate: workRate, values: Array(waiting[0][..<count] + waiting[1][..<count]))
        var output = try ThreadPool.abandonable { try separator.separate(block: input) }
        precondition(output.channels == 2 && output.count == count, "a block must keep its length")
        for channel in 0..<2 {
            for (n, before) in tail[channel].enumerated() {
                let share = (Float(n) + 0.5) / Float(overlap)
                output.values[channel * count + n] = before * (1 - share) + output.values[channel * count + n] * share
            }
            tail[channel] = Array(output[channel: channel].suffix(kept))
        }
        return output.fitted(to: count - kept)
    }
}
