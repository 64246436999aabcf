import CAV
import KitCore

/// Writes a film or a sound file: H.264 video and any number of tagged sound tracks.
///
/// The container follows from the path's extension (mp4, mov, mkv, webm, avi, m4a, mka, wav, flac, ogg, opus, mp3). The
/// file appears under its name only when `finish` has succeeded; until then it is a temporary file next to it. The same
/// input gives the same bytes. Tracks may be written in any order; packets stay in memory until all tracks have reached
/// their time.
public final class FilmWriter {
    /// The video track.
    public struct VideoFormat: Sendable {
        public var width: Int
        public var height: Int
        /// Frames per second.
        public var frameRate = 24.0
        /// x264's constant rate factor: 0 (lossless) ... 51.
        public var rateFactor = 23
        /// x264's preset: "ultrafast" ... "veryslow".
        public var preset = "medium"
        /// The maximum number of frames between key frames; nil for two seconds, at most 48 frames. A reader of clips
        /// decodes from the key frame before each.
        public var keyInterval: Int?
        /// The maximum number of frames that may be shown before one that they refer to.
        public var reorderedFrames = 3
        /// The time of the first frame, in seconds on the container's clock, rounded to a whole frame.
        public var start = 0.0

        public init(width: Int, height: Int) {
            self.width = width
            self.height = height
        }
    }

    /// A sound track.
    public struct Sound: Sendable {
        public var language = Language.undetermined
        public var title: String?
        public var codec = AudioCodec.aac
        /// Bits per second of all channels together; nil for the codec's default.
        public var bitRate: Int?
        public var sampleRate = 48_000
        public var channels = 2
        /// The time of the first sample, in seconds on the container's clock, rounded to a whole sample.
        public var start = 0.0

        public init() {}
    }

    public let path: String
    private let file: MuxedFile
    private var videoEncoder: VideoStreamEncoder?
    private var audioEncoders: [AudioStreamEncoder] = []

    /// Throws `.usage` if the container cannot contain these tracks, `.inputOutput` if the file cannot be created.
    public init(_ path: String, video: VideoFormat? = nil, sounds: [Sound] = []) throws {
        self.path = path
        guard video != nil || !sounds.isEmpty else { throw KitError.usage("\(path): expected a track") }
        file = try MuxedFile(path)
        // Wait for the slowest track, however late it is: the order in the file must not depend on the order of
        // writing.
        file.context.pointee.max_interleave_delta = 0
        if let video { videoEncoder = try VideoStreamEncoder(video, in: file.context, path: path) }
        for sound in sounds { audioEncoders.append(try AudioStreamEncoder(sound, in: file.context, path: path)) }
        if file.container.traits.contains(.countsMilliseconds) { alignToMilliseconds() }
        try file.begin(sampleRates: sounds.map(\.sampleRate))
    }

    /// Adds a frame, [height, width, 3] of red, green, blue, shown from `time` (seconds after the first), or one frame
    /// duration after the previous one.
    public func write(frame: UnsafePointer<UInt8>, at time: Double? = nil) throws {
        guard let videoEncoder else { throw KitError.usage("\(path): was opened without a video track") }
        try Interrupt.check()
        try videoEncoder.write(frame, at: time)
    }

    /// Adds frames of the track's size.
    public func write(frames: Frames) throws {
        guard let format = videoEncoder?.format else {
            throw KitError.usage("\(path): was opened without a video track")
        }
        guard frames.width == format.width, frames.height == format.height else {
            throw KitError.usage(
                "\(path): frames of \(frames.width) x \(frames.height), expected \(format.width) x \(format.height)"
            )
        }
        try frames.values.withUnsafeBufferPointer { buffer in
            for index in 0..<frames.count {
                try write(frame: buffer.baseAddress! + index * frames.width * frames.height * 3)
            }
        }
    }

    /// Adds sound to a track (counted from 0 in the order of `sounds`). Its rate and channels must be the track's.
    public func write(sound: Waveform, track: Int = 0) throws {
        guard audioEncoders.indices.contains(track) else {
            throw KitError.usage("\(path): sound track \(track) does not exist: there are \(audioEncoders.count)")
        }
        let encoder = audioEncoders[track]
        guard sound.sampleRate == encoder.sound.sampleRate, sound.channels == encoder.sound.channels else {
            throw KitError.usage(
                "\(path): sound of \(counted(sound.channels, "channel")) at \(sound.sampleRate) Hz, expected \(encoder.sound.channels) at "
                    + "\(encoder.sound.sampleRate)")
        }
        try Interrupt.check()
        try encoder.write(sound)
    }

    /// Writes the rest, closes the file and renames it to its name.
    public func finish() throws {
        try videoEncoder?.finish()
        for encoder in audioEncoders { try encoder.finish() }
        try file.finish()
    }

    /// Matroska counts milliseconds from 0. Each track gets some silence at its start so that its first packet is at a
    /// whole millisecond, and all tracks are delayed together so that none begins before 0. Rounding then moves no
    /// sample. libavformat's own shift is turned off, because it would count Opus's delay twice.
    private func alignToMilliseconds() {
        for encoder in audioEncoders { encoder.alignToMilliseconds() }
        let lead = audioEncoders.map(\.lead).max() ?? 0
        // 40 ms are a whole number of samples at all common rates.
        let milliseconds = 40 * Int((max(0, lead) * 25).rounded(.up))
        for encoder in audioEncoders { encoder.shift(milliseconds: milliseconds) }
        videoEncoder?.shift(milliseconds: milliseconds)
        file.context.pointee.avoid_negative_ts = 0
    }
}

/// Sound codecs that can be written.
public enum AudioCodec: String, Sendable, CaseIterable {
    case aac, opus, flac, mp3, vorbis, ac3, pcm16, pcmFloat

    /// The codec's name in messages and documentation: "AAC".
    package var title: String {
        switch self {
        case .opus: "Opus"
        case .vorbis: "Vorbis"
        case .pcm16: "16-bit PCM"
        case .pcmFloat: "32-bit float PCM"
        default: rawValue.uppercased()
        }
    }

    /// The encoder's name in libavcodec.
    var encoder: String {
        switch self {
        case .aac: "aac"
        case .opus: "libopus"
        case .flac: "flac"
        case .mp3: "libmp3lame"
        case .vorbis: "libvorbis"
        case .ac3: "ac3"
        case .pcm16: "pcm_s16le"
        case .pcmFloat: "pcm_f32le"
        }
    }
}
