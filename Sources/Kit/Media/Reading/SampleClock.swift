import CAV
import KitCore

/// Finds the first sample of a decoded frame from its time stamp.
///
/// Samples are counted from the first one that the track plays, without priming. Containers with a coarse clock
/// (Matroska counts milliseconds) cannot identify a sample. But the frames of most codecs all have the same length, so
/// the number of a frame, and with it its first sample, follows from a rounded time. Codecs with frames of varying
/// length (Vorbis) have no such grid: in a coarse container, they are decoded from the start of the track.
struct SampleClock {
    /// Seconds from the start of the film's time line to the first sample.
    let origin: Double
    let rate: Int
    /// The number of samples in every full frame, if they all have the same.
    let frameLength: Int?
    private let tick: Double
    private let firstStamp: Int64
    /// The number of samples cut from the frame with the first sample.
    private let cut: Int
    /// Whether time stamps after a seek are the same as from the start. In Ogg, libavformat 59 computes them only for
    /// Vorbis and Opus: the first packets of other codecs get the time at the end of their page. If frames of FLAC must
    /// be found by scanning bytes, some are lost with their stamps.
    private let keepsStamps: Bool
    /// Whether frames are consecutive regardless of their time stamps. AVI and ASF count packets of sound in a unit
    /// that not every muxer uses correctly.
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
        // PCM has no frames: how it is cut depends on where reading begins, unless the container stores packets as they were
        // written.
        let isCutFreely = av_get_exact_bits_per_sample(codec) > 0 && demuxer.container.layout != .matroska
        let isGrid = !isCutFreely && inner.count >= 2 && Set(inner).count == 1 && lengths[0] <= inner.first!
        frameLength = isGrid ? inner.first! : nil
        cut = isGrid ? inner.first! - lengths[0] : 0
    }

    /// Whether reading may begin in the middle: time stamps identify samples, or frames are on a grid.
    var allowsSeeking: Bool { keepsStamps && !ignoresStamps && (frameLength != nil || tick * Double(rate) <= 1) }

    /// The time stamp of the frame with a sample, or of one shortly before.
    func ticks(of sample: Int) -> Int64 { firstStamp + Int64((Double(sample) / Double(rate) / tick).rounded(.down)) }

    /// The first sample of a frame with this time stamp, without knowledge of the frames before it.
    func sample(at stamp: Int64) -> Int {
        // The frame that priming was cut from has the time stamp of its remaining samples.
        if stamp == firstStamp { return 0 }
        let exact = (Double(stamp) - Double(firstStamp)) * tick * Double(rate)
        guard let frameLength else { return Self.number(exact) }
        let number = ((exact + Double(cut)) / Double(frameLength)).rounded()
        let onGrid = number * Double(frameLength) - Double(cut)
        // Time stamps that were once rounded to milliseconds stay so even in a container with a finer clock.
        let tolerance = min(Double(frameLength) / 2, 1.5 * max(tick, 0.001) * Double(rate))
        return Self.number(abs(onGrid - exact) <= tolerance ? onGrid : exact)
    }

    /// Whether a frame with this time stamp is on the grid of the first frames; true if there is no grid.
    func isOnGrid(_ stamp: Int64) -> Bool {
        guard let frameLength, stamp != firstStamp else { return true }
        return (sample(at: stamp) + cut) % frameLength == 0
    }

    /// The nearest integer, limited so that lengths can be added to it: damaged files can have any time stamp.
    private static func number(_ exact: Double) -> Int { Int(max(-0x1p52, min(0x1p52, exact.rounded()))) }

    /// The first sample of a frame after another that ended before sample `next`. Frames join without a gap unless the
    /// time stamp shows that a large part of a frame is missing or extra.
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
