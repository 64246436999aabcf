import KitCore
import KitMedia

/// Reads frames and sound of sources. Used by one thread at a time; each worker has its own.
public protocol FilmReader: AnyObject {
    /// The facts about a source's files, without decoding them.
    func facts(of source: ClipSource) throws -> SourceFacts

    /// Throws if a source has no track in a language, or several that it could mean. Called before a clip is read.
    func checkTrack(of source: ClipSource, _ language: Language) throws

    /// The frames shown at given times, in seconds from the beginning of the file.
    func frames(of source: ClipSource, at times: [Double], width: Int, height: Int, fit: FrameFit) throws -> Frames

    /// Stereo sound in one language; `start` counts from the beginning of the file.
    func audio(
        of source: ClipSource, language: Language, start: Double, duration: Double, sampleRate: Int
    ) throws -> Waveform
}

extension FilmReader {
    public func checkTrack(of source: ClipSource, _ language: Language) throws {}
}

/// The facts about a source that are known without decoding.
public struct SourceFacts: Equatable, Sendable {
    /// The duration in seconds, from the source's start, that can be cut into clips.
    public var duration: Double
    /// The size of frames as shown; nil without video.
    public var frameSize: FrameSize?
    /// The languages of the sound tracks, in the order of the file.
    public var languages: [Language]

    public init(duration: Double, frameSize: FrameSize?, languages: [Language]) {
        self.duration = duration
        self.frameSize = frameSize
        self.languages = languages
    }
}

/// The size of a frame as shown, in pixels: after rotation, with square pixels.
public struct FrameSize: Equatable, Sendable {
    public let width: Int
    public let height: Int

    public init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }
}
