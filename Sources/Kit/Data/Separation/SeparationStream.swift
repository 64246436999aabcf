import KitCore
import KitMedia

/// Sound of any length through a separator, in pieces of any size: memory is that of a block.
///
/// Blocks overlap, and in what two of them have in common the first fades out and the second in. Where blocks lie depends on
/// the sound alone, so the result is the same bits however the sound is cut into pieces. As many samples come out as went in.
public final class SeparationStream {
    private let separator: any Separator
    private let sampleRate: Int
    private let into: Resampler?
    private let back: Resampler?
    private let workRate: Int
    private let block: Int
    private let overlap: Int
    private var waiting: [[Float]] = [[], []]
    /// The last `overlap` samples of the block before, which the next fades into; empty before the first.
    private var tail: [[Float]] = [[], []]
    private var taken = 0
    private var given = 0

    /// - Parameters:
    ///   - separator: is given block after block.
    ///   - sampleRate: of the sound; throws unless it is one of `Waveform.sampleRates`.
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

    /// Takes the next samples, [2, count] or [1, count], and gives what is ready of the sound without speech: [2, ready].
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

    /// What is left once the sound has ended.
    public func finish() throws -> Waveform {
        let rest = try into?.finish() ?? Waveform(channels: 2, count: 0, sampleRate: workRate)
        var last = try output(of: rest, isLast: true)
        if let back { last = Waveform(joining: [last, try back.finish()]) }
        // Resampling there and back rounds the length up, and so does not change it here.
        return counted(last.fitted(to: max(0, taken - given)))
    }

    private func counted(_ sound: Waveform) -> Waveform {
        given += sound.count
        return sound
    }

    private func output(of input: Waveform, isLast: Bool) throws -> Waveform {
        for channel in 0..<2 { waiting[channel] += input[channel: channel] }
        var parts = [Waveform(channels: 2, count: 0, sampleRate: workRate)]
        // A block is not the last, and may keep its end back, as long as anything follows it.
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

    /// Separates the first `count` samples that wait; the last `kept` of them become the tail.
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
