import CAV
import KitCore

/// Reads any segment of one sound track in stereo.
///
/// The result does not depend on earlier reads and equals the same part of a decode of the whole track: a fresh decoder
/// starts early enough for overlapping frames, bit reservoirs and predictors to settle. (AAC with PNS fills bands with
/// noise that depends on where decoding begins. It is always the same for one segment, but differs from that of the
/// whole track.)
final class AudioReader {
    let clock: SampleClock
    // Captures no reference to the file, which owns this reader: the cycle would keep the container open forever.
    private let demuxer: Demuxer
    private let filmDuration: Double
    private let filmEnd: FilmEnd
    private let track: AudioTrack
    private let stream: UnsafeMutablePointer<AVStream>
    /// The stream whose index is used: some containers have entries only for the video.
    private let seekStream: UnsafeMutablePointer<AVStream>
    private let mixer: StereoMixer
    /// The number of samples to decode and discard.
    private let preroll: Int
    private let isPaged: Bool
    /// Whether the grid of frames restarts somewhere, according to the edit list of an mp4 file.
    private let hasEdits: Bool
    private var joins: FrameJoins?

    init(_ file: MediaFile, _ track: AudioTrack) throws {
        demuxer = file.demuxer
        filmDuration = file.duration
        filmEnd = file.end
        self.track = track
        stream = demuxer.streams[track.index]
        clock = try SampleClock(demuxer, track: track, zero: file.zero)
        mixer = StereoMixer(rate: clock.rate, of: "\(demuxer.name): \(track.summary)")
        isPaged = demuxer.has(.hasPages)
        seekStream = demuxer.streams[demuxer.has(.hasVideoIndex) ? file.video?.index ?? track.index : track.index]
        let id = stream.pointee.codecpar.pointee.codec_id
        let isLossless = avcodec_descriptor_get(id).map { $0.pointee.props & AV_CODEC_PROP_LOSSY == 0 } ?? false
        // Opus settles more slowly than the others.
        preroll = isLossless ? 0 : id == AV_CODEC_ID_OPUS ? clock.rate : clock.rate / 2
        hasEdits = demuxer.movieTracks[Int(stream.pointee.id)]?.hasSeveralEdits ?? false
    }

    /// Writes samples first..<first + count, counted from the track's first, to `left` and `right`. Where the track has
    /// nothing, they are zero. Samples from `needed` on may be missing if the file is cut short. Returns the index
    /// after the last sample of the track, or after the last requested one if that comes first.
    @discardableResult
    func read(
        first: Int, count: Int, left: UnsafeMutablePointer<Float>, right: UnsafeMutablePointer<Float>,
        needed: Int? = nil
    ) throws -> Int {
        left.update(repeating: 0, count: count)
        right.update(repeating: 0, count: count)
        guard first + count > 0 else { return first + count }
        demuxer.select([track.index])
        // Pages of Ogg last about a second, and the first one after a seek is skipped.
        var lead = isPaged ? preroll + clock.rate + clock.rate / 2 : preroll
        var isStart = max(0, first) <= lead || !clock.allowsSeeking
        while true {
            let from = max(0, first) - lead
            let rewinds = isStart || from <= 0
            if rewinds { try demuxer.rewind() } else { try seek(to: from) }
            let skipBefore = isStart ? Int.min : max(0, first) - preroll
            let outcome = try decode(
                from: skipBefore, first: first, count: count, left: left, right: right, isStart: isStart)
            switch outcome {
            case .done: return first + count
            case .ended(let last):
                try checkEnd(reached: last, wanted: needed ?? first + count)
                return min(last, first + count)
            case .late where rewinds: isStart = true
            case .late: lead = max(4 * lead, clock.rate)
            }
        }
    }

    private enum Outcome {
        case done
        /// The file ended. The argument is the index after the last sample.
        case ended(Int)
        /// The seek ended after the first requested sample.
        case late
    }

    private func seek(to sample: Int) throws {
        let ticks = clock.ticks(of: sample)
        let there = av_rescale_q(ticks, stream.pointee.time_base, seekStream.pointee.time_base)
        try demuxer.seek(to: there, stream: Int(seekStream.pointee.index))
    }

    /// The first sample of the frame at which reading begins.
    private func sample(at stamp: Int64) throws -> Int {
        guard hasEdits || !clock.isOnGrid(stamp) else { return clock.sample(at: stamp) }
        let known = try joins ?? FrameJoins(path: demuxer.path, stream: track.index, clock: clock)
        joins = known
        return known.sample(at: stamp) ?? clock.sample(at: stamp)
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
            let stamp = SampleClock.stamp(frame)
            // After a seek, the position of a frame without a time stamp is unknown. In addition, some demuxers cut the
            // codec's delay from the first frame as if the track began there, so that its stamp is not on the grid of
            // the others.
            if next == nil, !isStart, stamp == AVLibrary.noTimestamp || length < clock.frameLength ?? 0 { return true }
            let begin =
                if let next { clock.sample(at: stamp, after: next) } else {
                    stamp == AVLibrary.noTimestamp ? 0 : try sample(at: stamp)
                }
            if next == nil, begin > max(0, first - (isPaged ? preroll : preroll / 2)), !isStart {
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
                    try mixer.mix(frame, left: l, right: r)
                    (left + (low - first)).update(from: l + (low - begin), count: high - low)
                    (right + (low - first)).update(from: r + (low - begin), count: high - low)
                }
            }
            return next! < first + count
        }
        // In Ogg, pages have time stamps and packets do not: after a seek, those of the first page's packets are
        // guesses.
        var unsurePage: Int64? = isPaged && !isStart ? -1 : nil
        var isLeadInReached = false
        // The stated length of packets depends on how the file was opened. Without a lead-in, no requested packet may
        // be skipped: one second is more than any packet lasts.
        let longest = preroll > 0 ? clock.frameLength ?? 0 : clock.rate
        while let packet = try demuxer.read() {
            guard Int(packet.pointee.stream_index) == track.index else { continue }
            if let page = unsurePage {
                unsurePage = page == -1 || page == packet.pointee.pos ? packet.pointee.pos : nil
                if unsurePage != nil { continue }
            }
            let stamp = packet.pointee.pts
            // The end point of a seek may depend on earlier reads, since some indexes grow while reading (Matroska's).
            // Decoding does not: it always starts with the packet in which the lead-in begins.
            if next == nil, stamp != AVLibrary.noTimestamp, from > 0 {
                // The position of samples that an edit leaves out is unknown.
                if PacketRun.isHidden(packet) {
                    if !isLeadInReached { continue }
                    if try !decoder.decode(packet, take) { return outcome }
                    continue
                }
                let begin = try sample(at: stamp)
                if begin + longest <= from {
                    isLeadInReached = true
                    continue
                }
                if preroll > 0, begin > from, !isLeadInReached { return .late }
                isLeadInReached = true
            }
            if try !decoder.decode(packet, take) { return outcome }
        }
        if try !decoder.decode(nil, take) { return outcome }
        if next == nil, !isStart { return .late }
        return .ended(next ?? 0)
    }

    /// A track may end before the film, but must not be truncated.
    private func checkEnd(reached: Int, wanted: Int) throws {
        let end = clock.origin + Double(reached) / Double(clock.rate)
        let time = clock.origin + Double(wanted) / Double(clock.rate)
        let stated = track.duration.map { track.start + $0 }
        guard time > end + FilmEnd.slack / 2, try filmEnd.isCutShort(at: end, stated: stated) else { return }
        throw KitError(
            .badData,
            "\(demuxer.name): \(track.summary): ends at \(seconds(end)), though the film claims to last \(seconds(filmDuration)): "
                + "truncated or damaged")
    }
}
