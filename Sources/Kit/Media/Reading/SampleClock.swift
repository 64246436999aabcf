import CAV
import KitCore

/// Which sample a decoded frame begins with, from its time stamp.
///
/// Samples are counted from the first that the track plays, priming left out. Containers whose clock is coarse (Matroska
/// counts milliseconds) cannot name a sample; but most codecs' frames all have one length, so a frame's number, and with it
/// its first sample, follows from a rounded time. Codecs with frames of differing length (Vorbis) have no such grid: in a
/// coarse container they are decoded from the track's start.
struct SampleClock {
    /// Seconds from the film's zero to the first sample.
    let origin: Double
    let rate: Int
    /// Samples of every full frame, if they are all alike.
    let frameLength: Int?
    private let tick: Double
    private let firstStamp: Int64
    /// Samples that were cut from the frame with the first sample.
    private let cut: Int
    /// Whether stamps are the same after a seek as from the start. In Ogg, libavformat 59 works them out for Vorbis and Opus
    /// alone: other codecs' first packets get the time of their page's end. Where FLAC's frames must be found among bytes, some
    /// are lost with their stamps.
    private let keepsStamps: Bool
    /// Whether frames follow each other whatever their stamps say. AVI and ASF count packets of sound in a unit that not
    /// every muxer gets right.
    private let ignoresStamps: Bool

    /// Decodes the track's first frames.
    init(_ demuxer: Demuxer, track: AudioTrack, zero: Double) throws {
        let stream = demuxer.streams[track.index]
        tick = stream.pointee.time_base.value
        let codec = stream.pointee.codecpar.pointee.codec_id
        keepsStamps =
            demuxer.has(.hasPages)
            ? [AV_CODEC_ID_VORBIS, AV_CODEC_ID_OPUS].contains(codec)
            : !(demuxer.has(.hasCountedSound) && codec == AV_CODEC_ID_FLAC)
        let decoder = try Decoder(stream, of: demuxer.name)
        var lengths: [Int] = []
        var last: Int64?
        var first: (stamp: Int64, rate: Int)?
        func take(_ frame: UnsafeMutablePointer<AVFrame>) -> Bool {
            if first == nil { first = (Self.stamp(frame), Int(frame.pointee.sample_rate)) }
            lengths.append(Int(frame.pointee.nb_samples))
            last = Self.stamp(frame)
            return lengths.count < 6
        }
        demuxer.select([track.index])
        try demuxer.rewind()
        var wantsMore = true
        while wantsMore, let packet = try demuxer.read() {
            if Int(packet.pointee.stream_index) == track.index { wantsMore = try decoder.decode(packet, take) }
        }
        if wantsMore { _ = try decoder.decode(nil, take) }
        guard let first else {
            throw KitError(.badData, "\(demuxer.name): \(track.summary): not a single sample can be decoded")
        }
        rate = first.rate
        firstStamp =
            first.stamp == AVLibrary.noTimestamp ? Int64(Int(saturating: (zero + track.start) / tick)) : first.stamp
        origin = Double(firstStamp) * tick - zero
        let between = Double(last ?? firstStamp) - Double(first.stamp)
        let drift = abs(between * tick * Double(first.rate) - Double(lengths.dropLast().reduce(0, +)))
        ignoresStamps = demuxer.has(.hasCountedSound) && drift > Double(2 * (lengths.max() ?? 0))
        let inner = lengths.dropFirst().dropLast()
        // PCM has no frames of its own: how it is cut depends on where reading begins.
        let isPCM = av_get_exact_bits_per_sample(codec) > 0
        let isGrid = !isPCM && inner.count >= 2 && Set(inner).count == 1 && lengths[0] <= inner.first!
        frameLength = isGrid ? inner.first! : nil
        cut = isGrid ? inner.first! - lengths[0] : 0
    }

    /// Whether reading may begin in the middle: time stamps name samples, or frames lie on a grid.
    var allowsSeeking: Bool { keepsStamps && !ignoresStamps && (frameLength != nil || tick * Double(rate) <= 1) }

    /// The stamp of the frame that holds a sample, or of one shortly before.
    func ticks(of sample: Int) -> Int64 { firstStamp + Int64((Double(sample) / Double(rate) / tick).rounded(.down)) }

    /// The first sample of a frame with this stamp, when nothing is known of the frames before it.
    func sample(at stamp: Int64) -> Int {
        // The frame that priming was cut from carries the stamp of what is left of it.
        if stamp == firstStamp { return 0 }
        let exact = (Double(stamp) - Double(firstStamp)) * tick * Double(rate)
        guard let frameLength else { return Self.number(exact) }
        let number = ((exact + Double(cut)) / Double(frameLength)).rounded()
        let onGrid = number * Double(frameLength) - Double(cut)
        // Stamps that passed through a container of milliseconds stay rounded even in one with a finer clock.
        let tolerance = min(Double(frameLength) / 2, 1.5 * max(tick, 0.001) * Double(rate))
        return Self.number(abs(onGrid - exact) <= tolerance ? onGrid : exact)
    }

    /// Whether a frame with this stamp joins the grid that the first frames begin; true where there is none.
    func isOnGrid(_ stamp: Int64) -> Bool {
        guard let frameLength, stamp != firstStamp else { return true }
        return (sample(at: stamp) + cut) % frameLength == 0
    }

    /// The nearest whole number, kept so small that lengths can be added to it: stamps of damaged files may be anything.
    private static func number(_ exact: Double) -> Int { Int(max(-0x1p52, min(0x1p52, exact.rounded()))) }

    /// The first sample of a frame that follows another which ended before sample `next`: frames join without a gap unless
    /// the stamp says that a good part of a frame is missing or too much.
    func sample(at stamp: Int64, after next: Int) -> Int {
        guard stamp != AVLibrary.noTimestamp, !ignoresStamps else { return next }
        let exact = sample(at: stamp)
        let tolerance = max(Double(frameLength ?? 0) / 2, 2 * max(tick, 0.001) * Double(rate))
        return abs(Double(exact - next)) <= tolerance ? next : exact
    }

    static func stamp(_ frame: UnsafeMutablePointer<AVFrame>) -> Int64 {
        frame.pointee.pts == AVLibrary.noTimestamp ? frame.pointee.best_effort_timestamp : frame.pointee.pts
    }
}
