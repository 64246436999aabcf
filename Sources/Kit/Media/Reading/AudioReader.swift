import CAV
import KitCore

/// Reads any stretch of one sound track in stereo.
///
/// What it returns does not depend on what was read before, and equals a decode of the whole track cut at the same place: a
/// fresh decoder starts early enough for overlapping frames, bit reservoirs and predictors to settle. (Codecs that fill bands
/// with random noise, AC-3 and AAC with PNS, draw other noise.)
final class AudioReader {
    let clock: SampleClock
    // Not the file itself, which holds this reader: the two would keep each other, and the container, open for ever.
    private let demuxer: Demuxer
    private let zero: Double
    private let filmDuration: Double
    private let track: AudioTrack
    private let stream: UnsafeMutablePointer<AVStream>
    /// Where to look for the index: Matroska has entries for the picture only.
    private let seekStream: UnsafeMutablePointer<AVStream>
    private let mixer = StereoMixer()
    /// Samples to decode and throw away.
    private let preroll: Int

    init(_ file: MediaFile, _ track: AudioTrack) throws {
        demuxer = file.demuxer
        zero = file.zero
        filmDuration = file.duration
        self.track = track
        stream = demuxer.streams[track.index]
        clock = try SampleClock(demuxer, track: track, zero: zero)
        let isMatroska = String(cString: demuxer.context.pointee.iformat.pointee.name).contains("matroska")
        seekStream = demuxer.streams[isMatroska ? file.video?.index ?? track.index : track.index]
        let id = stream.pointee.codecpar.pointee.codec_id
        let isLossless = avcodec_descriptor_get(id).map { $0.pointee.props & AV_CODEC_PROP_LOSSY == 0 } ?? false
        preroll = isLossless ? 0 : clock.rate / 2
    }

    /// Writes samples first..<first + count, counted from the track's first, to `left` and `right`, which are zeroed before:
    /// silence stands where the track has nothing. From sample `needed` on, nothing is missed if the file is cut short.
    /// Returns the sample after the last that the track has, or after the last wanted if that comes first.
    @discardableResult
    func read(
        first: Int, count: Int, left: UnsafeMutablePointer<Float>, right: UnsafeMutablePointer<Float>,
        needed: Int? = nil
    ) throws -> Int {
        left.update(repeating: 0, count: count)
        right.update(repeating: 0, count: count)
        guard first + count > 0 else { return first + count }
        demuxer.select([track.index])
        var lead = preroll
        while true {
            let from = max(0, first) - lead
            let isStart = from <= 0 || !clock.allowsSeeking
            if isStart { try demuxer.rewind() } else { try seek(to: from) }
            let skipBefore = isStart ? Int.min : from
            let outcome = try decode(
                from: skipBefore, first: first, count: count, left: left, right: right, isStart: isStart)
            switch outcome {
            case .done: return first + count
            case .ended(let last):
                try checkEnd(reached: last, wanted: needed ?? first + count)
                return min(last, first + count)
            case .late: lead = max(4 * lead, clock.rate)
            }
        }
    }

    private enum Outcome {
        case done
        /// The file ended; the argument is the sample after the last.
        case ended(Int)
        /// The container put us behind the first sample wanted.
        case late
    }

    private func seek(to sample: Int) throws {
        let ticks = clock.ticks(of: sample)
        let there = av_rescale_q(ticks, stream.pointee.time_base, seekStream.pointee.time_base)
        try demuxer.seek(to: there, stream: Int(seekStream.pointee.index))
    }

    private func decode(
        from: Int, first: Int, count: Int, left: UnsafeMutablePointer<Float>, right: UnsafeMutablePointer<Float>,
        isStart: Bool
    ) throws -> Outcome {
        let decoder = try Decoder(stream, of: demuxer.name)
        var next: Int?
        var outcome = Outcome.done
        var scratch: [Float] = []
        func take(_ frame: UnsafeMutablePointer<AVFrame>) throws -> Bool {
            let length = Int(frame.pointee.nb_samples)
            guard Int(frame.pointee.sample_rate) == clock.rate else {
                throw KitError(
                    .badData,
                    "\(demuxer.name): \(track.summary): its rate changes to \(frame.pointee.sample_rate) Hz in the middle"
                )
            }
            let stamp = SampleClock.stamp(frame)
            let begin =
                if let next { clock.sample(at: stamp, after: next) } else {
                    stamp == AVLibrary.noTimestamp ? 0 : clock.sample(at: stamp)
                }
            if next == nil, begin > max(0, first), !isStart {
                outcome = .late
                return false
            }
            next = begin + length
            let low = max(begin, first)
            let high = min(begin + length, first + count)
            if low < high {
                if scratch.count < 2 * length { scratch = [Float](repeating: 0, count: 2 * length) }
                try scratch.withUnsafeMutableBufferPointer { buffer in
                    let (l, r) = (buffer.baseAddress!, buffer.baseAddress! + length)
                    try mixer.mix(frame, left: l, right: r, of: demuxer.name)
                    (left + (low - first)).update(from: l + (low - begin), count: high - low)
                    (right + (low - first)).update(from: r + (low - begin), count: high - low)
                }
            }
            return next! < first + count
        }
        while let packet = try demuxer.read() {
            guard Int(packet.pointee.stream_index) == track.index else { continue }
            let stamp = packet.pointee.pts
            // Passing over packets that end before the lead-in costs nothing; one second covers any packet's length.
            if next == nil, stamp != AVLibrary.noTimestamp, from > 0, clock.sample(at: stamp) < from - clock.rate {
                continue
            }
            if try !decoder.decode(packet, take) { return outcome }
        }
        if try !decoder.decode(nil, take) { return outcome }
        if next == nil, !isStart { return .late }
        return .ended(next ?? 0)
    }

    /// A track may end before the film does, but the file must not: if no stream has anything at the time wanted, it was cut
    /// short.
    private func checkEnd(reached: Int, wanted: Int) throws {
        let end = clock.origin + Double(reached) / Double(clock.rate)
        let time = clock.origin + Double(wanted) / Double(clock.rate)
        // Encoders pad and cut by a frame or so.
        guard time - end > 0.25 else { return }
        if let declared = track.duration, track.start + declared < end + 0.25 { return }
        demuxer.select(Set(demuxer.streams.indices))
        try seek(to: max(0, reached))
        while let packet = try demuxer.read() {
            let stream = demuxer.streams[Int(packet.pointee.stream_index)]
            guard packet.pointee.pts != AVLibrary.noTimestamp else { continue }
            let stamp = packet.pointee.pts + max(0, packet.pointee.duration)
            if Double(stamp) * stream.pointee.time_base.value - zero > min(time, filmDuration) - 0.25 { return }
        }
        throw KitError(
            .badData,
            "\(demuxer.name): \(track.summary): ends at \(seconds(end)), though the film claims to last \(seconds(filmDuration)): "
                + "truncated or damaged")
    }
}
