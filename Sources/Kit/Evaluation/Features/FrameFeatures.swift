import KitCore
import KitModel
import KitTensor

/// How a layer's output is divided into frames.
public enum FeatureFrames: String, CaseIterable, ChoiceOption, Sendable {
    /// A moment of the clip: the mean over space or frequency.
    case time
    /// Every place of the map, or every token.
    case tokens
}

/// The output of a module inside an encoder as frames, flattened to [batch, frames x features].
final class FrameFeatures: Module {
    private let encoder: Module
    private let pattern: String
    private let axis: FeatureFrames
    /// Frames of a clip, and features of each.
    let frames: Int
    let features: Int

    /// - Parameters:
    ///   - encoder: the encoder.
    ///   - pattern: covers the name of one module; nil takes the last whose output is a map or has several tokens.
    ///   - axis: what a frame is.
    ///   - trial: an input of one clip, to find the number of frames.
    init(_ encoder: Module, _ pattern: String?, _ axis: FeatureFrames, trial: Tensor) throws {
        let name = try Module.evaluating([encoder]) { () throws -> String in
            if let pattern { return NamePattern.literal(try LayerFeatures.onlyModule(of: encoder, pattern)) }
            guard let name = try encoder.lastMapped(by: trial) else {
                throw KitError.usage(
                    "no module of \(encoder.summary) has an output with several frames or tokens: "
                        + "name one by 'layer' (its parts are: \(encoder.partNames.prefix(24).joined(separator: ", ")))"
                )
            }
            return NamePattern.literal(name)
        }
        (self.encoder, self.pattern, self.axis) = (encoder, name, axis)
        let map = try Module.evaluating([encoder]) { try encoder.outputs(name, of: trial)[0] }
        let shape = map.tensor.shape
        guard shape.rank >= 3, shape[0] == trial.shape[0] else {
            throw KitError.usage(
                "the output of '\(map.name)' is \(shape): frames need [batch \(trial.shape[0]), time, .., channels]")
        }
        if axis == .time, shape.rank == 3, encoder.hasAttention {
            throw KitError.usage(
                "the output of '\(map.name)' is tokens, which are not in order of time: use frames = \"tokens\"")
        }
        features = shape[-1]
        frames = axis == .time ? shape[1] : shape.count / (shape[0] * shape[-1])
        super.init()
        register("encoder", encoder)
    }

    override func forward(_ input: Tensor) throws -> Tensor {
        let output = try encoder.outputs(pattern, of: input)[0]
        let shape = output.tensor.shape
        let batch = input.shape[0]
        let own = axis == .time ? shape[1] : shape.count / Swift.max(1, shape[0] * shape[-1])
        guard shape.rank >= 3, shape[0] == batch, own == frames, shape[-1] == features else {
            throw KitError.usage(
                "the output of '\(output.name)' is \(shape) here, but has \(frames) frames of \(features) features in a clip"
            )
        }
        guard axis == .time, shape.rank > 3 else { return try output.tensor.reshaped([batch, frames * features]) }
        let places = shape.count / (batch * frames * features)
        return try output.tensor.reshaped([batch, frames, places, features]).mean([2])
            .reshaped([batch, frames * features])
    }

    override var summary: String { "\(axis.rawValue) of \(pattern) of \(encoder.summary)" }
}

extension Module {
    /// Whether its outputs are tokens of a transformer.
    fileprivate var hasAttention: Bool {
        self is SelfAttention || self is PoolingAttention || children.contains { $0.module.hasAttention }
    }
}
