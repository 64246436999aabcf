import KitCore
import KitMedia

/// The settings for reading and preparing clips.
public struct ClipSettings {
    /// The allowed lengths of a clip, in seconds.
    public static let lengths = 0.04...3600.0
    /// The values that can be subtracted from pixels and log-mel values; others would leave nothing of them in float32.
    public static let means = -1e6...1e6
    /// The values by which pixels and log-mel values can be divided.
    public static let deviations = 1e-6...1e6

    /// The length of a clip in seconds.
    public var seconds = 3.0
    /// The number of evenly spaced frames in a clip; nil reads no video.
    public var frames: Int? = 16
    /// The height and width of frames after cropping.
    public var size = 224
    /// How frames are cropped if no augmentation does it.
    public var crops = Crops.centre
    /// Subtracted from red, green and blue in 0...1, which are then divided by `deviation`.
    public var mean: [Float] = [0.45, 0.45, 0.45]
    public var deviation: [Float] = [0.225, 0.225, 0.225]
    /// The settings of spectrograms; nil reads no sound.
    public var mel: LogMel?
    /// Subtracted from the log-mel values, which are then divided by `melDeviation`.
    public var melMean: Float = 0
    public var melDeviation: Float = 1
    /// The tracks to read; nil reads every language that all films have.
    public var tracks: TrackPlan?
    public var policy = TrackPolicy.draw
    /// Seconds by which the window of each track but the first may begin before or after that of the video, in
    /// training.
    public var shift = 0.0
    /// Whether clips begin at random places near their own in training.
    public var jitter = true
    /// Whether a film shorter than a clip is padded with silence and its last frame, rather than refused.
    public var pad = false
    /// Whether a remainder of more than half a clip at the end of a source gets a clip of its own, which ends with the
    /// source.
    public var tail = false
    /// Applied in training, in this order within each stage: region of the frame, frames, sound, spectrogram.
    public var augmentations: [any Augmentation] = []
    /// Augmentations of a second view of the same frames, in training; nil reads one view.
    public var secondView: [any Augmentation]?
    /// Whether each track of a clip draws its own augmentation, instead of one for all.
    public var augmentsTracksApart = true

    /// The squares of a frame that are read.
    public enum Crops: String, ChoiceOption, Sendable {
        /// The largest centred square.
        case centre
        /// Five squares of 224/256 of the shorter side, one after the other along the time axis: the corners and the
        /// centre, as the authors' code takes crops of 224 from frames whose shorter side is 256.
        case five

        public var count: Int { self == .five ? 5 : 1 }

        /// The squares within a frame.
        func fits(_ frame: FrameSize) -> [FrameFit] {
            guard self == .five else { return [.centre] }
            let (width, height) = (Double(frame.width), Double(frame.height))
            let side = min(width, height) * 224 / 256
            let (right, bottom) = ((width - side) / width, (height - side) / height)
            return [(0, 0), (right, 0), (0, bottom), (right, bottom), (right / 2, bottom / 2)].map { x, y in
                .region(x: x, y: y, width: side / width, height: side / height)
            }
        }
    }

    public init() {}

    /// The starts of the clips in a film of this length: consecutive and without overlap, except for a tail.
    func starts(in duration: Double) -> [Double] {
        // Time stamps are rounded to milliseconds in some containers.
        let whole = Int(saturating: ((duration + 0.002) / seconds).rounded(.down))
        if whole == 0 { return pad && duration > 0 ? [0] : [] }
        let starts = (0..<whole).map { Double($0) * seconds }
        return tail && duration - Double(whole) * seconds > seconds / 2 ? starts + [duration - seconds] : starts
    }

    /// The number of samples in a clip's sound.
    package var samples: Int { Int(saturating: (seconds * Double(mel?.settings.sampleRate ?? 0)).rounded()) }

    /// [time, mel, channels] of a clip's spectrogram; empty without sound.
    public var melShape: Shape { mel?.shape(channels: 2, samples: samples) ?? [] }

    /// Normalises frames [..., 3] in 0...1 to zero mean and unit standard deviation.
    public func normalise(frames values: UnsafeMutablePointer<Float>, count: Int) {
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

    /// Everything that determines the content of a clip, for a dataset's fingerprint.
    var text: String {
        func text(_ augmentations: [any Augmentation]) -> [String] {
            augmentations.map { augmentation in
                // Former names, so that a rename does not look like different data.
                let values = augmentation.declaredOptions.map {
                    "\($0.param.formerName ?? $0.name)=\($0.param.currentText ?? "nil")"
                }
                return "\(augmentation.declaration.name)(\(values.joined(separator: ",")))"
            }
        }
        let (changes, second) = (text(augmentations), secondView.map(text).map { " \($0)" } ?? "")
        let sound = mel.map { "\($0.settings)" } ?? "none"
        return "\(seconds) \(frames ?? 0) \(size) \(crops) \(mean) \(deviation) \(sound) \(melMean) \(melDeviation) "
            + "\(tracks?.optionText ?? "all") \(policy) \(shift) \(jitter) \(pad) \(tail) \(changes) \(augmentsTracksApart)\(second)"
    }
}
