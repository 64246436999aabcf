import KitCore
import KitMedia

/// Reads pictures and sound of sources. Used by one thread at a time; each worker has its own.
public protocol FilmReader: AnyObject {
    /// What the source's files say about themselves, without decoding them.
    func facts(of source: ClipSource) throws -> SourceFacts

    /// Throws if a source has no track in a language, or several that it could mean: before a clip is read.
    func checkTrack(of source: ClipSource, _ language: Language) throws

    /// The pictures shown at given times, in seconds from the beginning of the file.
    func frames(of source: ClipSource, at times: [Double], width: Int, height: Int, fit: Fit) throws -> Frames

    /// Two channels of sound in one language; `start` counts from the beginning of the file.
    func audio(
        of source: ClipSource, language: Language, start: Double, duration: Double, sampleRate: Int
    ) throws -> Waveform
}

extension FilmReader {
    public func checkTrack(of source: ClipSource, _ language: Language) throws {}
}

/// What is known of a source before any of it is decoded.
public struct SourceFacts: Equatable, Sendable {
    /// Seconds from the source's start that can be cut into clips.
    public var duration: Double
    /// The picture as shown; nil without picture.
    public var picture: PictureSize?
    /// The languages of the sound tracks, in the order of the file.
    public var languages: [Language]

    public init(duration: Double, picture: PictureSize?, languages: [Language]) {
        self.duration = duration
        self.picture = picture
        self.languages = languages
    }
}

/// Pixels of a picture as shown: after rotation, as if they were square.
public struct PictureSize: Equatable, Sendable {
    public let width: Int
    public let height: Int

    public init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }
}
