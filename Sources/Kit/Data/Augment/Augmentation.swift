import KitCore
import KitMedia

/// A random change of a training clip that leaves what it shows the same. Evaluation clips are never augmented.
///
/// A plugin takes part in one stage by one of the protocols below. It draws from a stream that depends on the seed, the
/// epoch, the clip and its place in the list alone, so that neither resuming nor the number of threads changes it.
public protocol Augmentation: Plugin, ScriptObject {}

extension Augmentation {
    public static var kind: String { "augmentation" }
    public static var scriptTypeName: String { "augmentation" }
    public static var scriptSummary: String { "A random change of a training clip that leaves what it shows the same." }
    public var scriptDescription: String { qualifiedName }
}

/// Chooses the part of the picture that is read, the same for all pictures of a clip. At most one in a dataset.
public protocol RegionAugmentation: Augmentation {
    /// - Parameters:
    ///   - picture: the film's picture as shown.
    ///   - size: the sides of the square that the region is scaled to.
    ///   - random: the clip's own stream, from which all that is random comes.
    func region(of picture: PictureSize, size: Int, _ random: inout RandomStream) -> PictureRegion
}

/// A rectangle of a picture, in its pixels.
public struct PictureRegion: Equatable, Sendable {
    public var x, y, width, height: Double

    public init(x: Double, y: Double, width: Double, height: Double) {
        (self.x, self.y, self.width, self.height) = (x, y, width, height)
    }
}

/// Changes the pictures of a clip, all alike.
public protocol FrameAugmentation: Augmentation {
    func apply(to frames: ClipFrames, _ random: inout RandomStream) throws
}

/// The pictures of a clip in place: [count, height, width, 3], red, green, blue, 0...1.
public struct ClipFrames {
    public let values: UnsafeMutablePointer<Float>
    public let count: Int
    public let height: Int
    public let width: Int

    public init(values: UnsafeMutablePointer<Float>, count: Int, height: Int, width: Int) {
        self.values = values
        self.count = count
        self.height = height
        self.width = width
    }
}

/// Changes the sound of a track before its spectrogram is made.
public protocol WaveformAugmentation: Augmentation {
    func apply(to waveform: inout Waveform, _ random: inout RandomStream) throws
}

/// Changes a track's spectrogram.
public protocol SpectrogramAugmentation: Augmentation {
    func apply(to spectrogram: ClipSpectrogram, _ random: inout RandomStream) throws
}

/// A log-mel spectrogram in place: [time, mel, channels].
public struct ClipSpectrogram {
    public let values: UnsafeMutablePointer<Float>
    public let time: Int
    public let mel: Int
    public let channels: Int

    public init(values: UnsafeMutablePointer<Float>, time: Int, mel: Int, channels: Int) {
        self.values = values
        self.time = time
        self.mel = mel
        self.channels = channels
    }
}
