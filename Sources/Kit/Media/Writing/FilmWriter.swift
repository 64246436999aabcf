import CAV
import KitCore

/// Writes a film or a sound file: H.264 pictures and any number of tagged sound tracks.
///
/// The container follows from the path's ending (mp4, mov, mkv, webm, avi, m4a, mka, wav, flac, ogg, opus, mp3). The file appears
/// under its name only when `finish` has succeeded; until then it is a temporary file beside it. The same input gives the same bytes.
/// Tracks may be written in any order; packets wait in memory until all tracks have reached their time.
public final class FilmWriter {
    /// The picture track.
    public struct Picture: Sendable {
        public var width: Int
        public var height: Int
        /// Pictures per second.
        public var frameRate = 24.0
        /// x264's constant rate factor: 0 (lossless) ... 51.
        public var rateFactor = 23
        /// x264's preset: "ultrafast" ... "veryslow".
        public var preset = "medium"
        /// At most so many pictures from one key frame to the next.
        public var keyInterval = 48
        /// Most pictures that may be shown before one that they refer to.
        public var reorderedFrames = 3
        /// Seconds on the container's clock of the first picture, rounded to a whole picture.
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
        /// Bits per second of all channels together; nil leaves it to the codec.
        public var bitRate: Int?
        public var sampleRate = 48_000
        public var channels = 2
        /// Seconds on the container's clock of the first sample, rounded to a whole sample.
        public var start = 0.0

        public init() {}
    }

    public let path: String
    private let file: MuxedFile
    private var videoEncoder: VideoEncoder?
    private var audioEncoders: [AudioEncoder] = []

    /// Throws `.usage` if the container cannot hold what is asked for, `.inputOutput` if the file cannot be made.
    public init(_ path: String, picture: Picture? = nil, sounds: [Sound] = []) throws {
        self.path = path
        guard picture != nil || !sounds.isEmpty else { throw KitError.usage("\(path): expected a track") }
        file = try MuxedFile(path)
        // Wait for the slowest track however far it is behind: order in the file must not depend on who writes first.
        file.context.pointee.max_interleave_delta = 0
        if let picture { videoEncoder = try VideoEncoder(picture, in: file.context, path: path) }
        for sound in sounds { audioEncoders.append(try AudioEncoder(sound, in: file.context, path: path)) }
        if file.container.traits.contains(.countsMilliseconds) { alignToMilliseconds() }
        try file.begin(sampleRates: sounds.map(\.sampleRate))
    }

    /// Adds a picture, [height, width, 3] of red, green, blue, shown from `time` (seconds after the first) or one
    /// picture's length after the one before.
    public func write(picture: UnsafePointer<UInt8>, at time: Double? = nil) throws {
        guard let videoEncoder else { throw KitError.usage("\(path): was opened without a picture track") }
        try Interrupt.check()
        try videoEncoder.write(picture, at: time)
    }

    /// Adds pictures of the track's size.
    public func write(pictures: Frames) throws {
        guard let picture = videoEncoder?.picture else {
            throw KitError.usage("\(path): was opened without a picture track")
        }
        guard pictures.width == picture.width, pictures.height == picture.height else {
            throw KitError.usage(
                "\(path): pictures of \(pictures.width) x \(pictures.height), expected \(picture.width) x \(picture.height)"
            )
        }
        try pictures.values.withUnsafeBufferPointer { buffer in
            for index in 0..<pictures.count {
                try write(picture: buffer.baseAddress! + index * pictures.width * pictures.height * 3)
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
                "\(path): sound of \(sound.channels) channels at \(sound.sampleRate) Hz, expected \(encoder.sound.channels) at "
                    + "\(encoder.sound.sampleRate)")
        }
        try Interrupt.check()
        try encoder.write(sound)
    }

    /// Writes what is left, closes the file and gives it its name.
    public func finish() throws {
        try videoEncoder?.finish()
        for encoder in audioEncoders { try encoder.finish() }
        try file.finish()
    }

    /// Matroska counts milliseconds from 0 up. Each track gets some silence ahead so that its first packet falls on a whole
    /// one, and all tracks are shifted together so that none begins before 0; then no rounding moves a sample. libavformat's
    /// own shift is turned off: it would count Opus's delay twice.
    private func alignToMilliseconds() {
        for encoder in audioEncoders { encoder.alignToMilliseconds() }
        let lead = audioEncoders.map(\.lead).max() ?? 0
        // 40 ms are a whole number of samples at all usual rates.
        let milliseconds = 40 * Int((max(0, lead) * 25).rounded(.up))
        for encoder in audioEncoders { encoder.shift(milliseconds: milliseconds) }
        videoEncoder?.shift(milliseconds: milliseconds)
        file.context.pointee.avoid_negative_ts = 0
    }
}

/// Sound codecs that can be written.
public enum AudioCodec: String, Sendable, CaseIterable {
    case aac, opus, flac, mp3, vorbis, ac3, pcm16, pcmFloat

    /// As texts name it: "AAC".
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
