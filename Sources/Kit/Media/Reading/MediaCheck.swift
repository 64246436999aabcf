import CAV
import KitCore

/// The result of a complete decode of a film.
public struct MediaCheck: Sendable {
    /// A finding: something that would disturb training on the film, or that is good to know.
    public enum Finding: Sendable, Equatable, CustomStringConvertible {
        case noVideo
        case noSound
        case noLanguage(track: Int)
        /// Nothing is louder than -80 dB of full scale.
        case silent(track: Int)
        /// The sound starts this many seconds after the video, or before it if negative.
        case offset(track: Int, seconds: Double)
        /// A stream ends before the end that its header states, or before the film.
        case endsEarly(stream: Int, at: Double, expected: Double)
        /// Packets that could not be decoded.
        case damaged(stream: Int, packets: Int)
        case undecodable(stream: Int, reason: String)
        case short(seconds: Double, needed: Double)
        /// The last frame is held while sound continues.
        case held(stream: Int, from: Double, to: Double)
        /// A stream has gaps: the first one, and the number of places.
        case gap(stream: Int, from: Double, to: Double, places: Int)

        public var description: String {
            switch self {
            case .noVideo: "no video"
            case .noSound: "no sound"
            case .noLanguage(let track): "track #\(track): no language"
            case .silent(let track): "track #\(track): silent"
            case .offset(let track, let offset): "track #\(track): starts \(KitCore.seconds(offset)) from the video"
            case .endsEarly(let stream, let end, let expected):
                "stream #\(stream): ends at \(KitCore.seconds(end)), expected \(KitCore.seconds(expected)): truncated"
            case .damaged(let stream, let packets): "stream #\(stream): \(packets) packets cannot be decoded"
            case .undecodable(let stream, let reason): "stream #\(stream): \(reason)"
            case .short(let length, let needed):
                "lasts \(KitCore.seconds(length)), shorter than \(KitCore.seconds(needed))"
            case .held(let stream, let from, let to):
                "stream #\(stream): the last frame ends at \(KitCore.seconds(from)) and is held to \(KitCore.seconds(to))"
            case .gap(let stream, let from, let to, let places):
                "stream #\(stream): nothing from \(KitCore.seconds(from)) to \(KitCore.seconds(to))"
                    + (places > 1 ? ", and in \(counted(places - 1, "more place"))" : "")
            }
        }

        /// Whether clips of the film cannot be trusted, rather than only lack something.
        public var isFault: Bool {
            switch self {
            case .endsEarly, .damaged, .undecodable: true
            default: false
            }
        }
    }

    /// The frames or samples decoded from one stream.
    public struct Stream: Sendable, Equatable {
        public let index: Int
        /// The number of frames, or of samples per channel.
        public fileprivate(set) var count = 0
        /// The start of the first and the end of the last, in seconds on the film's time line.
        public fileprivate(set) var start = Double.infinity
        public fileprivate(set) var end = -Double.infinity
        /// The largest absolute sample; 0 for video.
        public fileprivate(set) var peak: Float = 0
        public fileprivate(set) var damagedPackets = 0
        /// The gaps, in seconds on the film's time line.
        public fileprivate(set) var gaps: [ClosedRange<Double>] = []
    }

    public fileprivate(set) var video: Stream?
    public fileprivate(set) var audio: [Stream] = []
    public fileprivate(set) var findings: [Finding] = []
}

extension MediaFile {
    /// Decodes everything once and reports the findings. `shortest` is the length of the requested clips in seconds.
    ///
    /// It applies the same rules as reading clips, so that a file without faults can be trained on. Damage is reported
    /// rather than thrown; only an interrupt throws.
    public func check(shortest: Double = 3) throws -> MediaCheck {
        var check = MediaCheck()
        // Open the file again: with several streams selected, a container with an index does not seek back to the first
        // packet of every stream.
        let demuxer = try Demuxer(path: path)
        var passes: [CheckPass] = []
        for index in [video?.index].compactMap({ $0 }) + audioTracks.map(\.index) {
            try check.note(stream: index) { passes.append(try CheckPass(self, demuxer, index: index)) }
        }
        demuxer.select(Set(passes.map(\.stream.index)))
        var packet: UnsafeMutablePointer<AVPacket>?
        repeat {
            packet = nil
            try check.note(stream: -1) { packet = try demuxer.read() }
            guard let packet, let pass = passes.first(where: { $0.stream.index == Int(packet.pointee.stream_index) }),
                !pass.isGivenUp
            else { continue }
            try check.note(stream: pass.stream.index) { try pass.take(packet) }
        } while packet != nil
        for pass in passes where !pass.isGivenUp {
            try check.note(stream: pass.stream.index) { try pass.take(nil) }
        }
        for pass in passes {
            pass.noteGaps(beside: passes)
            if pass.stream.index == video?.index { check.video = pass.stream } else { check.audio.append(pass.stream) }
        }
        try check.findings += judge(check, shortest: shortest)
        return check
    }

    private func judge(_ check: MediaCheck, shortest: Double) throws -> [MediaCheck.Finding] {
        var findings: [MediaCheck.Finding] = []
        if video == nil { findings.append(.noVideo) }
        if audioTracks.isEmpty { findings.append(.noSound) }
        let streams = [check.video].compactMap { $0 } + check.audio
        let reached = streams.map(\.end).max() ?? 0
        let end = FilmEnd(path: path, zero: zero, duration: duration, isReached: reached >= duration - FilmEnd.slack)
        if duration < shortest { findings.append(.short(seconds: duration, needed: shortest)) }
        for stream in streams where !check.isUndecodable(stream.index) {
            if stream.damagedPackets > 0 {
                findings.append(.damaged(stream: stream.index, packets: stream.damagedPackets))
            }
            let track = audioTracks.first { $0.index == stream.index }
            let stated = track.map { track in track.duration.map { track.start + $0 } } ?? video?.statedDuration
            if try stream.count == 0 || end.isCutShort(at: stream.end, stated: stated) {
                let expected = min(stated ?? duration, duration)
                findings.append(.endsEarly(stream: stream.index, at: max(0, stream.end), expected: expected))
            } else if track == nil, stream.end < duration - FilmEnd.slack {
                findings.append(.held(stream: stream.index, from: stream.end, to: duration))
            }
            if let first = stream.gaps.first {
                findings.append(
                    .gap(stream: stream.index, from: first.lowerBound, to: first.upperBound, places: stream.gaps.count))
            }
            guard let track, stream.count > 0 else { continue }
            if stream.peak < 1e-4 { findings.append(.silent(track: track.index)) }
            if video != nil, abs(stream.start) > 0.1 {
                findings.append(.offset(track: track.index, seconds: stream.start))
            }
            if video != nil, track.language == .undetermined { findings.append(.noLanguage(track: track.index)) }
        }
        return findings
    }
}

extension MediaCheck {
    /// Runs a part of the check. An error for damage becomes a finding about a stream (-1: the container).
    fileprivate mutating func note(stream: Int, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch let error as KitError where error.kind == .badData {
            findings.append(.undecodable(stream: stream, reason: error.message))
        }
    }

    fileprivate func isUndecodable(_ stream: Int) -> Bool {
        findings.contains { if case .undecodable(stream, _) = $0 { true } else { false } }
    }
}

/// Decodes one stream from its first packet to its last.
private final class CheckPass {
    var stream: MediaCheck.Stream
    /// Whether decoding of the stream has stopped early.
    private(set) var isGivenUp = false
    private let zero: Double
    private let decoder: Decoder
    private let place: String
    private let tick: Double
    private let countsFrames: Bool
    private let rate: Double
    private var gaps = StreamGaps()
    private let hasStamps: Bool
    private var mixer: StereoMixer?
    private var samples: [Float] = []

    init(_ file: MediaFile, _ demuxer: Demuxer, index: Int) throws {
        zero = file.zero
        let source = demuxer.streams[index]
        stream = MediaCheck.Stream(index: index)
        tick = source.pointee.time_base.value
        countsFrames = demuxer.has(.hasSparseStamps)
        hasStamps = !demuxer.has(.hidesGaps)
        rate = file.video?.frameRate ?? 0
        place = "\(file.name): " + (file.audioTracks.first { $0.index == index }?.summary ?? "video")
        decoder = try Decoder(source, of: file.name, faultBudget: .max)
    }

    func take(_ packet: UnsafeMutablePointer<AVPacket>?) throws {
        isGivenUp = true
        _ = try decoder.decode(packet) { frame in
            let stamp = SampleClock.stamp(frame)
            let isSound = frame.pointee.nb_samples > 0
            let isStamped = stamp != AVLibrary.noTimestamp
            // In program streams, only one frame in several has a time stamp. The others follow the one before.
            let begin = isStamped ? Double(stamp) * tick - zero : stream.count > 0 ? stream.end : 0
            let length =
                if isSound {
                    Double(frame.pointee.nb_samples) / Double(max(1, frame.pointee.sample_rate))
                } else if frame.pointee.pkt_duration > 0 {
                    Double(frame.pointee.pkt_duration) * tick
                } else {
                    // Program streams do not state the duration of a frame.
                    countsFrames ? Double(decoder.frameTicks(frame, rate: rate)) * tick : 0
                }
            if hasStamps, isStamped || countsFrames {
                if isSound {
                    gaps.note(soundFrom: begin, to: begin + length)
                } else {
                    let isCorrupt = frame.pointee.flags & AV_FRAME_FLAG_CORRUPT != 0
                    gaps.note(frameFrom: begin, to: begin + length, isCorrupt: isCorrupt)
                }
            }
            stream.start = min(stream.start, begin)
            stream.end = max(stream.end, begin + length)
            stream.count += isSound ? Int(frame.pointee.nb_samples) : 1
            if isSound { stream.peak = max(stream.peak, try peak(frame)) }
            return true
        }
        stream.damagedPackets = decoder.faults
        isGivenUp = false
    }

    /// Adds the places where frames are missing, after all streams were decoded.
    func noteGaps(beside passes: [CheckPass]) {
        stream.gaps = gaps.found(beside: passes.filter { $0 !== self }.flatMap(\.gaps.sounds))
    }

    private func peak(_ frame: UnsafeMutablePointer<AVFrame>) throws -> Float {
        let mixer = mixer ?? StereoMixer(rate: Int(frame.pointee.sample_rate), of: place)
        self.mixer = mixer
        let count = Int(frame.pointee.nb_samples)
        if samples.count < 2 * count { samples = [Float](repeating: 0, count: 2 * count) }
        return try samples.withUnsafeMutableBufferPointer { buffer in
            try mixer.mix(frame, left: buffer.baseAddress!, right: buffer.baseAddress! + count)
            return buffer.prefix(2 * count).reduce(0) { max($0, abs($1)) }
        }
    }
}
