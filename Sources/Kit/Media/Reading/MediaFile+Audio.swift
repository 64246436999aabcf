import CAV
import KitCore

extension MediaFile {
    /// Reads a segment of a sound track as stereo: [2, round(duration · sampleRate)].
    ///
    /// Sample n is the sound at start + n / sampleRate on the film's time line, to half a sample: start offsets, edit
    /// lists, codec delay and lost packets are accounted for. Mono is duplicated, more than two channels are mixed down
    /// by ITU-R BS.775 (see `StereoMixer`), and other rates are resampled by soxr. Where the track has nothing (before
    /// its start, after its end, in a gap), there is silence.
    ///
    /// Throws `.badData` if the segment ends after the film (the message names both lengths) or the file is truncated.
    public func readAudio(
        track: AudioTrack, start: Double, duration: Double, sampleRate: Int = 48_000
    ) throws -> Waveform {
        let count = try sampleCount(duration: duration, sampleRate: sampleRate)
        try checkRange(start: start, duration: duration)
        try MachineMemory.require(8 * count, for: "\(seconds(duration)) of sound")
        var waveform = Waveform(channels: 2, count: count, sampleRate: sampleRate)
        _ = try waveform.values.withUnsafeMutableBufferPointer { buffer in
            try readAudio(
                track: track, start: start, duration: duration, sampleRate: sampleRate, into: buffer.baseAddress!)
        }
        return waveform
    }

    /// The same from a time to the end. A film ends with its video; a sound file ends with its track, even if the
    /// container counts codec delay and the padding of the last frame.
    public func readAudio(track: AudioTrack, from start: Double, sampleRate: Int = 48_000) throws -> Waveform {
        let duration = duration - start
        let count = try sampleCount(duration: duration, sampleRate: sampleRate)
        try MachineMemory.require(8 * count, for: "\(seconds(duration)) of sound")
        var waveform = Waveform(channels: 2, count: count, sampleRate: sampleRate)
        let heard = try waveform.values.withUnsafeMutableBufferPointer { buffer in
            try readAudio(
                track: track, start: start, duration: duration, sampleRate: sampleRate, into: buffer.baseAddress!)
        }
        return video == nil ? waveform.fitted(to: max(1, heard)) : waveform
    }

    /// Reads a segment into memory for 2 · round(duration · sampleRate) values. Returns the number of its samples
    /// before the end of the track.
    @discardableResult
    public func readAudio(
        track: AudioTrack, start: Double, duration: Double, sampleRate: Int = 48_000,
        into target: UnsafeMutablePointer<Float>
    ) throws -> Int {
        let count = try sampleCount(duration: duration, sampleRate: sampleRate)
        try checkRange(start: start, duration: duration)
        let reader = try audioReaders[track.index] ?? AudioReader(self, track)
        audioReaders[track.index] = reader
        let rate = reader.clock.rate
        // Output samples are counted from the track's first sample, as if the whole track were resampled.
        let first = Int(((start - reader.clock.origin) * Double(sampleRate)).rounded())
        guard rate != sampleRate else {
            return try reader.read(first: first, count: count, left: target, right: target + count) - first
        }
        // The input begins at a point where an input and an output sample coincide, early enough for the filter to
        // settle.
        let divisor = greatestCommonDivisor(rate, sampleRate)
        let (inputStep, outputStep) = (rate / divisor, sampleRate / divisor)
        let margin = 2048 * max(1, rate / sampleRate)
        let exact = Double(first) * Double(rate) / Double(sampleRate)
        let block = max(0, Int(((exact - Double(margin)) / Double(inputStep)).rounded(.down)))
        let from = block * inputStep
        let to = Int((exact + Double(count) * Double(rate) / Double(sampleRate)).rounded(.up)) + margin
        target.update(repeating: 0, count: 2 * count)
        guard to > from else { return 0 }
        var input = Waveform(channels: 2, count: to - from, sampleRate: rate)
        let end = try input.values.withUnsafeMutableBufferPointer { buffer in
            try reader.read(
                first: from, count: to - from, left: buffer.baseAddress!, right: buffer.baseAddress! + (to - from),
                needed: to - margin)
        }
        let output = try input.resampled(to: sampleRate)
        // The position of the first output sample in the result; negative if it is before the start.
        let place = block * outputStep - first
        let kept = max(0, place)..<max(max(0, place), min(count, place + output.count))
        guard !kept.isEmpty else { return 0 }
        for channel in 0..<2 {
            output[channel: channel].dropFirst(kept.lowerBound - place).withUnsafeBufferPointer {
                (target + channel * count + kept.lowerBound).update(from: $0.baseAddress!, count: kept.count)
            }
        }
        return min(count, Int((Double(end) * Double(sampleRate) / Double(rate)).rounded(.up)) - first)
    }

    private func sampleCount(duration: Double, sampleRate: Int) throws -> Int {
        let rates = Waveform.sampleRates
        guard rates.contains(sampleRate) else {
            throw KitError.usage("a rate of \(sampleRate) Hz: expected \(rates.lowerBound)...\(rates.upperBound)")
        }
        guard duration > 0, duration * Double(sampleRate) < 0x1p31 else {
            throw KitError.usage(
                "\(name): a segment of \(duration) s: expected more than 0 s and fewer than 2^31 samples")
        }
        return max(1, Int((duration * Double(sampleRate)).rounded()))
    }
}

func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : greatestCommonDivisor(b, a % b) }
