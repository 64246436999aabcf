import KitCore
import KitMedia

/// What is read of each clip, and how it is prepared.
public struct ClipSettings {
    /// How long clips can be, in seconds.
    public static let lengths = 0.04...3600.0
    /// What can be subtracted from pixels and log-mel values: others leave nothing of them in float32.
    public static let means = -1e6...1e6
    /// What pixels and log-mel values can be divided by.
    public static let deviations = 1e-6...1e6

    /// Length of a clip in seconds.
    public var seconds = 3.0
    /// Pictures of a clip, spread evenly; nil reads no pictures.
    public var frames: Int? = 16
    /// Height and width of the picture after cropping.
    public var size = 224
    /// How the picture is cropped where no augmentation does it.
    public var crops = Crops.centre
    /// Subtracted from red, green and blue in 0...1, which are then divided by `deviation`.
    public var mean: [Float] = [0.45, 0.45, 0.45]
    public var deviation: [Float] = [0.225, 0.225, 0.225]
    /// How sound becomes a spectrogram; nil reads no sound.
    public var mel: LogMel?
    /// Subtracted from the log-mel values, which are then divided by `melDeviation`.
    public var melMean: Float = 0
    public var melDeviation: Float = 1
    /// The tracks to read; nil reads every language that all films have.
    public var tracks: TrackPlan?
    public var policy = TrackPolicy.draw
    /// Seconds by which the window of each track but the first may lie before or after the picture's, in training.
    public var shift = 0.0
    /// Whether clips begin at random places near their own in training.
    public var jitter = true
    /// Whether a film shorter than a clip is filled up with silence and its last picture, rather than refused.
    public var pad = false
    /// Whether more than half a clip that is left at a source's end gets a clip of its own, which ends with the source.
    public var tail = false
    /// Applied in training, in this order within each stage: picture region, pictures, sound, spectrogram.
    public var augmentations: [any Augmentation] = []
    /// Augmentations of a second view of the same pictures, in training; nil reads one view.
    public var secondView: [any Augmentation]?
    /// Whether each track draws its own augmentation, rather than all of a clip the same.
    public var augmentsTracksApart = true

    /// Which squares of a picture are shown.
    public enum Crops: String, ChoiceOption, Sendable {
        /// The largest centred square.
        case centre
        /// Five squares of 224/256 of the shorter side, one behind the other along the time axis: the corners and the
        /// centre, as the authors' code takes crops of 224 from pictures whose shorter side is 256.
        case five

        public var count: Int { self == .five ? 5 : 1 }

        /// The squares within a picture.
        func fits(_ picture: PictureSize) -> [Fit] {
            guard self == .five else { return [.centre] }
            let (width, height) = (Double(picture.width), Double(picture.height))
            let side = min(width, height) * 224 / 256
            let (right, bottom) = ((width - side) / width, (height - side) / height)
            return [(0, 0), (right, 0), (0, bottom), (right, bottom), (right / 2, bottom / 2)].map { x, y in
                .region(x: x, y: y, width: side / width, height: side / height)
            }
        }
    }

    public init() {}

    /// Where the clips begin that a film of this length gives: one behind the other, without overlap but for a tail.
    func starts(in duration: Double) -> [Double] {
        // Time stamps are rounded to milliseconds in some containers.
        let whole = Int(saturating: ((duration + 0.002) / seconds).rounded(.down))
        if whole == 0 { return pad && duration > 0 ? [0] : [] }
        let starts = (0..<whole).map { Double($0) * seconds }
        return tail && duration - Double(whole) * seconds > seconds / 2 ? starts + [duration - seconds] : starts
    }

    /// Samples of a clip's sound.
    var samples: Int { Int(saturating: (seconds * Double(mel?.settings.sampleRate ?? 0)).rounded()) }

    /// [time, mel, channels] of a clip's spectrogram; empty without sound.
    public var melShape: Shape { mel?.shape(channels: 2, samples: samples) ?? [] }

    /// Brings pictures [..., 3] in 0...1 to zero mean and unit deviation.
    public func normalise(pictures values: UnsafeMutablePointer<Float>, count: Int) {
        let scale = deviation.map { 1 / $0 }
        for pixel in stride(from: 0, to: count, by: 3) {
            for channel in 0..<3 {
                values[pixel + channel] = (values[pixel + channel] - mean[channel]) * scale[channel]
            }
        }
    }

    public func normalise(spectrogram values: UnsafeMutablePointer<Float>, count: Int) {
        guard melMean != 0 || melDeviation != 1 else { return }
        let scale = 1 / melDeviation
        for index in 0..<count { values[index] = (values[index] - melMean) * scale }
    }

    /// All that decides what is read under a clip's number: for a dataset's fingerprint.
    var text: String {
        func text(_ augmentations: [any Augmentation]) -> [String] {
            augmentations.map { augmentation in
                let values = augmentation.parameters.map { "\($0.name)=\($0.param.currentText ?? "nil")" }
                return "\(augmentation.declaration.name)(\(values.joined(separator: ",")))"
            }
        }
        let (changes, second) = (text(augmentations), secondView.map(text).map { " \($0)" } ?? "")
        let sound = mel.map { "\($0.settings)" } ?? "none"
        return "\(seconds) \(frames ?? 0) \(size) \(crops) \(mean) \(deviation) \(sound) \(melMean) \(melDeviation) "
            + "\(tracks?.optionText ?? "all") \(policy) \(shift) \(jitter) \(pad) \(tail) \(changes) \(augmentsTracksApart)\(second)"
    }
}
