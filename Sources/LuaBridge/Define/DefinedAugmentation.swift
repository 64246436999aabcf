import Kit

/// An augmentation written in Lua: of the frames, the sound or the spectrogram, depending on the function in its
/// definition.
enum DefinedAugmentation {
    static let functions = [
        (
            name: "frames",
            help: """
            Changes the frames of a clip: called as frames(x, random, options) with a tensor [time, height, width, \
            3] of red, green and blue from 0 to 1; returns one of the same shape.
            """
        ),
        (
            name: "waveform",
            help: """
            Changes the sound of a track: called as waveform(x, random, options) with a tensor [samples, channels], \
            full scale being 1; returns one of the same shape.
            """
        ),
        (
            name: "spectrogram",
            help: """
            Changes the log-mel spectrogram of a track: called as spectrogram(x, random, options) with a tensor \
            [time, mel, channels]; returns one of the same shape.
            """
        ),
    ]

    static func make(_ definition: Definition) -> any DefinedPlugin {
        switch definition.functionName {
        case "frames": FrameChange(definition)
        case "waveform": WaveformChange(definition)
        default: SpectrogramChange(definition)
        }
    }
}

extension DefinedPlugin where Self: Augmentation {
    static var functions: [(name: String, help: String)] { DefinedAugmentation.functions }
    static func make(_ definition: Definition) -> any DefinedPlugin { DefinedAugmentation.make(definition) }

    /// The result of the function for a tensor, without recording gradients.
    fileprivate func changed(_ tensor: Tensor, _ random: RandomStream) throws -> Tensor {
        let result = try Autograd.noGrad { try definition.call(.object(tensor), .object(RandomNumbers(random))) }
        return try definition.tensor(result, tensor.shape, "a tensor of shape \(tensor.shape)")
    }
}

private final class FrameChange: FrameAugmentation, DefinedPlugin {
    let definition: Definition
    init(_ definition: Definition) { self.definition = definition }

    func apply(to frames: ClipFrames, _ random: inout RandomStream) throws {
        let tensor = Tensor(uninitialized: [frames.count, frames.height, frames.width, 3])
        tensor.pointer.update(from: frames.values, count: tensor.count)
        let result = try changed(tensor, random)
        frames.values.update(from: result.pointer, count: result.count)
    }
}

private final class WaveformChange: WaveformAugmentation, DefinedPlugin {
    let definition: Definition
    init(_ definition: Definition) { self.definition = definition }

    func apply(to waveform: inout Waveform, _ random: inout RandomStream) throws {
        let shape: Shape = [waveform.channels, waveform.count]
        let result = try changed(Tensor(waveform.values, shape).transposed(0, 1), random)
        waveform.values = try result.transposed(0, 1).values
    }
}

private final class SpectrogramChange: SpectrogramAugmentation, DefinedPlugin {
    let definition: Definition
    init(_ definition: Definition) { self.definition = definition }

    func apply(to spectrogram: ClipSpectrogram, _ random: inout RandomStream) throws {
        let tensor = Tensor(uninitialized: [spectrogram.time, spectrogram.mel, spectrogram.channels])
        tensor.pointer.update(from: spectrogram.values, count: tensor.count)
        let result = try changed(tensor, random)
        spectrogram.values.update(from: result.pointer, count: result.count)
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(DefinePlugin<FrameChange>.self) }
