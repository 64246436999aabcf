import KitCore
import KitMedia

/// A random change of a training clip that leaves what it shows the same. Evaluation clips are never augmented.
///
/// A plugin conforms to one of the protocols below, each of which is one stage. Its random stream depends only on the
/// seed, the epoch, the clip and its position in the list, so that neither resuming nor the number of threads changes
/// the result.
public protocol Augmentation: Plugin, ScriptObject {}

extension Augmentation {
    public static var kind: String { "augmentation" }
    public static var scriptTypeName: String { "augmentation" }
    public static var scriptSummary: String { "A random change of a training clip that leaves what it shows the same." }
    public var scriptDescription: String { qualifiedName }
}

/// Chooses the part of the frame that is read, the same for all frames of a clip. A dataset has at most one.
public protocol RegionAugmentation: Augmentation {
    /// - Parameters:
    ///   - frame: the size of the film's frames as shown.
    ///   - size: the sides of the square that the region is scaled to.
    ///   - random: the clip's own stream, the only source of randomness.
    func region(of frame: FrameSize, size: Int, _ random: inout RandomStream) -> FrameRegion
}

/// A rectangle of a frame, in its pixels.
public struct FrameRegion: Equatable, Sendable {
    public var x, y, width, height: Double

    public init(x: Double, y: Double, width: Double, height: Double) {
        (self.x, self.y, self.width, self.height) = (x, y, width, height)
    }
}

/// Changes the frames of a clip, all in the same way.
public protocol FrameAugmentation: Augmentation {
    func apply(to frames: ClipFrames, _ random: inout RandomStream) throws
}

/// The frames of a clip in place: [count, height, width, 3], red, green, blue, 0...1.
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

/// Changes the sound of a track before its spectrogram is computed.
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
