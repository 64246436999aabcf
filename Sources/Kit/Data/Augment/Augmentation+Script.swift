import KitCore
import KitMedia
import KitTensor

extension Augmentation {
    public static var scriptMethods: [ScriptMethod] {
        [
            ScriptMethod(
                "apply", on: (any Augmentation).self,
                "The changed copy of a sound [samples, channels], a spectrogram [time, mel, channels] or frames "
                    + "[time, height, width, 3] from 0 to 1, whichever the augmentation is for. The sound's rate is 48 kHz "
                    + "by default.",
                ScriptArgument("x", Tensor.self), ScriptArgument("random", RandomNumbers.self),
                ScriptArgument("sample_rate", Int.self, default: 48_000), returns: Tensor.self
            ) { augmentation, x, random, rate in
                try random.draw { try augmentation.applied(to: x, &$0, sampleRate: rate) }
            }
        ]
    }

    /// The changed copy of a tensor.
    private func applied(to x: Tensor, _ random: inout RandomStream, sampleRate: Int) throws -> Tensor {
        guard x.count > 0, x.nonFiniteCount == 0 else {
            throw KitError.usage("apply: expected at least one value, all of them finite")
        }
        switch self {
        case let change as any WaveformAugmentation:
            try check(x, "a sound [samples, channels]", x.shape.rank == 2)
            guard (1...384_000).contains(sampleRate) else {
                throw KitError.usage("apply: argument 'sample_rate' must be 1 to 384000, but is \(sampleRate)")
            }
            var waveform = Waveform(x, sampleRate: sampleRate)
            try change.apply(to: &waveform, &random)
            return try Tensor(waveform.values, [waveform.channels, waveform.count]).transposed(0, 1)
        case let change as any SpectrogramAugmentation:
            try check(x, "a spectrogram [time, mel, channels]", x.shape.rank == 3)
            let (time, mel, channels) = (x.shape[0], x.shape[1], x.shape[2])
            let result = Tensor(x.values, x.shape)
            try change.apply(
                to: ClipSpectrogram(values: result.pointer, time: time, mel: mel, channels: channels), &random)
            return result
        case let change as any FrameAugmentation:
            try check(x, "frames [time, height, width, 3]", x.shape.rank == 4 && x.shape[3] == 3)
            let (count, height, width) = (x.shape[0], x.shape[1], x.shape[2])
            let result = Tensor(x.values, x.shape)
            try change.apply(
                to: ClipFrames(values: result.pointer, count: count, height: height, width: width), &random)
            return result
        default:
            throw KitError.usage(
                "apply: \(qualifiedName) chooses which part of a film's frames is read, and cannot change a tensor")
        }
    }

    private func check(_ x: Tensor, _ expected: String, _ holds: Bool) throws {
        guard holds else { throw KitError.usage("apply: \(qualifiedName) expects \(expected), given \(x.shape)") }
    }
}
