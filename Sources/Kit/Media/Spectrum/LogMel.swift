import CKernels
import Glibc
import KitCore

/// Log-mel spectrograms: STFT power, mel bands, logarithm.
public final class LogMel: @unchecked Sendable {
    /// The formula from band powers to levels.
    public enum Level: Sendable, Equatable, Codable {
        /// ln(power + offset).
        case natural(offset: Double)
        /// 10 · log10(max(power, floor)).
        case decibel(floor: Double)

        /// The allowed values of the offset and the floor: larger ones would hide the sound, and the logarithm of 0 is
        /// not finite.
        public static let constants = 1e-30...1

        private var constant: (name: String, value: Double) {
            switch self {
            case .natural(let offset): ("offset", offset)
            case .decibel(let floor): ("floor", floor)
            }
        }

        fileprivate func check() throws {
            guard Self.constants.contains(constant.value) else {
                throw KitError.usage(
                    "the \(constant.name) of a spectrogram's 'level' must be \(Self.constants.lowerBound) to "
                        + "\(Self.constants.upperBound), but is \(constant.value)")
            }
        }

        /// As scale · ln(max(power + offset, floor)).
        var terms: (offset: Float, floor: Float, scale: Float) {
            switch self {
            case .natural(let offset): (Float(offset), 0, 1)
            case .decibel(let floor): (0, Float(floor), Float(10 / log(10.0)))
            }
        }
    }

    public struct Settings: Sendable, Equatable, Codable {
        /// Samples per second of the input.
        public var sampleRate = 48_000
        public var fftSize = 1024
        /// Samples from one frame to the next.
        public var hop = 512
        /// Whether frames are centred on multiples of the hop, with the signal mirrored at its ends; otherwise all
        /// frames are inside the signal.
        public var isCentred = false
        /// Mel bands.
        public var mels = 96
        /// Hz.
        public var lowest = 0.0
        /// Hz.
        public var highest = 24_000.0
        public var scale = MelScale.htk
        /// Whether bands have equal area rather than equal height.
        public var isAreaNormalised = false
        public var level = Level.natural(offset: 1e-6)
        /// The maximum number of frames to keep; nil for all.
        public var frames: Int?
        /// Whether to average the channels first.
        public var isMono = false

        public init() {}

        enum CodingKeys: String, CodingKey {
            case hop, mels, lowest, highest, scale, level, frames
            case sampleRate = "sample_rate"
            case fftSize = "fft_size"
            case isCentred = "centred"
            case isAreaNormalised = "area_normalised"
            case isMono = "mono"
        }

        /// 3 s of stereo at 48 kHz give [280, 96, 2], the size that arXiv 2304.05600 states. The window of 1024 samples
        /// every 512 without padding is inferred from it, and the offset of the logarithm is ours.
        public static let v1 = Settings()

        /// As in the authors' public inference code: 1024 samples every 501, centred, decibels, 288 frames.
        public static let v2: Settings = {
            var settings = Settings()
            settings.hop = 501
            settings.isCentred = true
            settings.level = .decibel(floor: 1e-10)
            settings.frames = 288
            return settings
        }()

        /// `v2` of the mean of the channels, the input of the audio encoder in the authors' code: [288, 96, 1].
        public static let v2Mono: Settings = {
            var settings = v2
            settings.isMono = true
            return settings
        }()
    }

    public let settings: Settings
    private let stft: STFT
    private let filterbank: MelFilterbank

    public init(_ settings: Settings = .v1) throws {
        self.settings = settings
        for (what, number) in [
            ("samples a second", settings.sampleRate), ("samples from frame to frame", settings.hop),
            ("mel bands", settings.mels), ("frames", settings.frames ?? 1),
        ] where !(1...1 << 20).contains(number) {
            throw KitError.usage("a spectrogram of \(number) \(what): expected 1 to \(1 << 20)")
        }
        try settings.level.check()
        stft = try STFT(fftSize: settings.fftSize, hop: settings.hop, isCentred: settings.isCentred)
        filterbank = try MelFilterbank(
            mels: settings.mels, fftSize: settings.fftSize, sampleRate: settings.sampleRate, lowest: settings.lowest,
            highest: settings.highest, scale: settings.scale, isAreaNormalised: settings.isAreaNormalised)
    }

    /// The number of frames for `samples` samples.
    public func frameCount(samples: Int) -> Int {
        min(stft.frameCount(samples: samples), settings.frames ?? .max)
    }

    /// The shape [frames, mels, channels] for sound of `channels` channels with `samples` samples each.
    public func shape(channels: Int, samples: Int) -> Shape {
        [frameCount(samples: samples), settings.mels, settings.isMono ? 1 : channels]
    }

    /// The spectrogram, [frames, mels, channels], the last axis fastest.
    public func callAsFunction(_ waveform: Waveform) throws -> [Float] {
        guard waveform.sampleRate == settings.sampleRate else {
            throw KitError.usage(
                "log-mel: expected sound at \(settings.sampleRate) Hz, given \(waveform.sampleRate) Hz: resample it first"
            )
        }
        var result = [Float](repeating: 0, count: shape(channels: waveform.channels, samples: waveform.count).count)
        try waveform.values.withUnsafeBufferPointer { source in
            try result.withUnsafeMutableBufferPointer { target in
                guard let from = source.baseAddress, let to = target.baseAddress else { return }
                try compute(from, channels: waveform.channels, samples: waveform.count, into: to)
            }
        }
        return result
    }

    /// The same from [channels, samples] into memory for `shape(channels:samples:)`.
    public func compute(
        _ waveform: UnsafePointer<Float>, channels: Int, samples: Int, into target: UnsafeMutablePointer<Float>
    ) throws {
        let frames = frameCount(samples: samples)
        guard frames > 0 else {
            throw KitError.usage(
                "log-mel: \(counted(samples, "sample")) are too few for one frame of \(settings.fftSize)")
        }
        if settings.isMono, channels > 1 {
            var mean = [Float](repeating: 0, count: samples)
            for channel in 0..<channels {
                for i in 0..<samples { mean[i] += waveform[channel * samples + i] / Float(channels) }
            }
            transform(mean, samples: samples, frames: frames, into: target, stride: 1)
        } else {
            for channel in 0..<channels {
                transform(
                    waveform + channel * samples, samples: samples, frames: frames, into: target + channel,
                    stride: channels)
            }
        }
    }

    private func transform(
        _ signal: UnsafePointer<Float>, samples: Int, frames: Int, into target: UnsafeMutablePointer<Float>, stride: Int
    ) {
        var bands = [Float](repeating: 0, count: settings.mels)
        let (offset, floor, scale) = settings.level.terms
        bands.withUnsafeMutableBufferPointer { buffer in
            let bands = buffer.baseAddress!
            stft.forEachFrame(signal, samples: samples, frames: frames) { frame, power in
                filterbank.apply(power, into: bands)
                dk_active.pointee.level(bands, bands, offset, floor, scale, settings.mels)
                let row = target + frame * settings.mels * stride
                for mel in 0..<settings.mels { row[mel * stride] = bands[mel] }
            }
        }
    }
}
