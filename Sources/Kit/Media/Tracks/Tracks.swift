import KitCore

/// The video track of a film.
public struct VideoTrack: Sendable, Equatable {
    /// The stream's number in the container.
    public let index: Int
    /// Short name of the codec, as FFmpeg spells it: "h264".
    public let codec: String
    /// The number of columns and rows as shown, after rotation. Pixels need not be square.
    public let width: Int
    public let height: Int
    /// How the stored frame is rotated and mirrored to be shown.
    public let orientation: Orientation
    /// The width of a pixel as shown, divided by its height: the container's value, or else the stream's, as in
    /// players.
    public let pixelAspect: Double
    /// Mean frames per second; 0 if unknown.
    public let frameRate: Double
    /// Seconds from the container's zero to the first frame. All other times in the kit count from there.
    public let start: Double
    /// Seconds from the first frame to the end of the last.
    public let duration: Double
    /// The same, if the container states it for this track.
    let statedDuration: Double?
    /// The number of frames, if the container states it.
    public let frameCount: Int?

    /// The width in pixels if rows are stretched or squeezed to make pixels square.
    public var squareWidth: Int { max(1, Int(saturating: (Double(width) * pixelAspect).rounded())) }
}

/// One sound track of a film.
public struct AudioTrack: Sendable, Equatable {
    /// The stream's number in the container.
    public let index: Int
    /// The normalised language; `und` if the file states none.
    public let language: Language
    /// The language tag as in the file.
    public let languageTag: String?
    /// Short name of the codec, as FFmpeg spells it: "aac".
    public let codec: String
    public let channels: Int
    /// Name of the channel layout: "mono", "stereo", "5.1(side)".
    public let layout: String
    /// Samples per second, as stored.
    public let sampleRate: Int
    /// Seconds from the first frame to the first sample; negative if the sound starts first.
    public let start: Double
    /// Seconds from the first sample to the last, if the container states it.
    public let duration: Double?
    public let title: String?
    /// Whether it is a commentary, an audio description or a mix for the hard of hearing, which is chosen by language
    /// only if there is no other track.
    public let isSupplementary: Bool

    /// "#1 fr (French), aac stereo 48000 Hz 'Director's cut'".
    public var summary: String {
        let name = language == .undetermined ? "und" : "\(language) (\(language.name))"
        return "#\(index) \(name), \(codec) \(layout) \(sampleRate) Hz" + (title.map { " '\($0)'" } ?? "")
    }
}
