import KitCore

/// The picture track of a film.
public struct VideoTrack: Sendable, Equatable {
    /// The stream's number in the container.
    public let index: Int
    /// Short name of the codec, as FFmpeg spells it: "h264".
    public let codec: String
    /// Pixels across and down as shown, after turning; they need not be square.
    public let width: Int
    public let height: Int
    /// How the stored picture is turned and mirrored to be shown.
    public let orientation: Orientation
    /// Width of a pixel as shown, divided by its height: the container's value, else the stream's, as players have it.
    public let pixelAspect: Double
    /// Mean frames per second; 0 if the container does not say.
    public let frameRate: Double
    /// Seconds from the container's zero to the first picture. All other times of the kit count from there.
    public let start: Double
    /// Seconds from the first picture to the end of the last.
    public let duration: Double
    /// The same, if the container says it of this track.
    let statedDuration: Double?
    /// How many pictures, if the container says.
    public let frameCount: Int?

    /// Pixels across if they are made square by stretching or squeezing rows.
    public var squareWidth: Int { max(1, Int(saturating: (Double(width) * pixelAspect).rounded())) }
}

/// One sound track of a film.
public struct AudioTrack: Sendable, Equatable {
    /// The stream's number in the container.
    public let index: Int
    /// Language, normalised; `und` if the file names none.
    public let language: Language
    /// The language tag as the file gives it.
    public let languageTag: String?
    /// Short name of the codec, as FFmpeg spells it: "aac".
    public let codec: String
    public let channels: Int
    /// Name of the channel layout: "mono", "stereo", "5.1(side)".
    public let layout: String
    /// Samples per second, as stored.
    public let sampleRate: Int
    /// Seconds from the first picture to the first sample, negative if the sound starts first.
    public let start: Double
    /// Seconds from the first sample to the last, if the container says.
    public let duration: Double?
    public let title: String?
    /// A commentary, an audio description or a mix for the hard of hearing: chosen by language only if there is no other.
    public let isSupplementary: Bool

    /// "#1 fr (French), aac stereo 48000 Hz 'Director's cut'".
    public var summary: String {
        let name = language == .undetermined ? "und" : "\(language) (\(language.name))"
        return "#\(index) \(name), \(codec) \(layout) \(sampleRate) Hz" + (title.map { " '\($0)'" } ?? "")
    }
}
