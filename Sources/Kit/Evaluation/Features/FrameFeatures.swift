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

/// The frames of a clip in time, so that those of another clip or of padding can be left out.
public struct FrameTimes: Equatable, Sendable {
    /// The moment of each frame, from 0; nil for one of the whole clip, such as a class token.
    public let moments: [Int?]
    /// The number of moments of a clip.
    public let count: Int

    /// The frames of the moments between two shares of the clip, of at least one moment, and those of the whole clip.
    func frames(from begin: Double, to end: Double) -> [Int] {
        let first = max(0, min(Int((begin * Double(count)).rounded()), count - 1))
        let own = first..<max(first + 1, min(Int((end * Double(count)).rounded()), count))
        return moments.indices.filter { moments[$0].map(own.contains) ?? true }
    }
}

/// The output of a module inside an encoder as frames, flattened to [batch, frames x features].
final class FrameFeatures: Module {
    private let encoder: Module
    private let pattern: String
    private let axis: FeatureFrames
    /// How an output is divided, without batch and features.
    private let layout: FrameLayout
    /// The output's extents between batch and features.
    private let extents: [Int]
    let times: FrameTimes
    /// Features of a frame.
    let features: Int

    private var frames: Int { times.moments.count }

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
        extents = Array(shape.extents[1..<shape.rank - 1])
        features = shape[-1]
        layout = FrameLayout(extents, of: encoder, trial.shape)
        if axis == .time, case .unknown = layout {
            throw KitError.usage(
                "the output of '\(map.name)' is \(shape), tokens whose places in time are not known: use "
                    + "\(Session.current.written("frames", "tokens"))"
                    + ", name the output of a block by 'layer', or say the axes of their grid if they are of kit.layer.patches "
                    + "in kit.define.encoder: tokens = { \"mel\", \"time\" }")
        }
        times = layout.times(extents, axis)
        super.init()
        register("encoder", encoder)
    }

    override func forward(_ input: Tensor) throws -> Tensor {
        let output = try encoder.outputs(pattern, of: input)[0]
        let (shape, batch) = (output.tensor.shape, input.shape[0])
        guard shape == Shape([batch] + extents + [features]) else {
            throw KitError.usage(
                "the output of '\(output.name)' is \(shape) here, but has \(counted(frames, "frame")) of "
                    + "\(counted(features, "feature")) in a clip")
        }
        let ordered = axis == .time ? try layout.timeFirst(output.tensor) : output.tensor
        guard axis == .time, ordered.shape.rank > 3 else { return try ordered.reshaped([batch, frames * features]) }
        return try ordered.reshaped([batch, frames, -1, features]).mean([2]).reshaped([batch, frames * features])
    }

    override var summary: String { "\(axis.rawValue) of \(pattern) of \(encoder.summary)" }
}

/// Where time is in the output of a module.
private enum FrameLayout {
    /// A map [batch, time, .., features].
    case timeFirst
    /// Tokens [batch, tokens, features], or a map of them [batch, .., features], in a grid with time as one of its axes.
    case grid(TokenGrid, time: Int)
    /// Tokens whose places are not known.
    case unknown

    /// - Parameters:
    ///   - extents: those of the output between batch and features.
    ///   - encoder: the network that it is from.
    ///   - input: the network's input.
    init(_ extents: [Int], of encoder: Module, _ input: Shape) {
        let network = encoder as? any TokenNetwork
        let grids = network?.tokenGrids(of: input) ?? []
        guard !grids.isEmpty || encoder.hasAttention else {
            self = .timeFirst
            return
        }
        guard let network, let grid = grids.first(where: { $0.describes(extents) }) else {
            self = !grids.isEmpty || extents.count == 1 ? .unknown : .timeFirst
            return
        }
        self = .grid(extents == [grid.count] ? grid : TokenGrid(grid.extents, leading: 0), time: network.timeAxis)
    }

    func times(_ extents: [Int], _ axis: FeatureFrames) -> FrameTimes {
        let count = Shape.product(extents)
        switch self {
        case .timeFirst:
            return axis == .time
                ? FrameTimes(moments: Array(0..<extents[0]), count: extents[0])
                : FrameTimes(moments: (0..<count).map { $0 / (count / max(1, extents[0])) }, count: extents[0])
        case .grid(let grid, let time):
            let moments = grid.extents[time]
            guard axis == .tokens else { return FrameTimes(moments: Array(0..<moments), count: moments) }
            let inner = Shape.product(grid.extents[(time + 1)...])
            return FrameTimes(
                moments: (0..<count).map { $0 < grid.leading ? nil : ($0 - grid.leading) / inner % moments },
                count: moments)
        case .unknown: return FrameTimes(moments: Array(repeating: nil, count: count), count: 1)
        }
    }

    /// The output with time as its second axis.
    func timeFirst(_ output: Tensor) throws -> Tensor {
        guard case .grid(let grid, let time) = self else { return output }
        let (batch, features) = (output.shape[0], output.shape[-1])
        let places = try output.reshaped([batch, grid.count, features])
        let map = try places.slice(axis: 1, grid.leading..<grid.count)
            .reshaped(Shape([batch] + grid.extents + [features]))
        let others = grid.extents.indices.filter { $0 != time }
        return try map.permuted([0, time + 1] + others.map { $0 + 1 } + [grid.extents.count + 1])
    }
}

extension TokenGrid {
    /// Whether extents between batch and features are those of its tokens, or of the map that the tokens come from.
    fileprivate func describes(_ found: [Int]) -> Bool {
        found == [count] || found == extents || found == Array(extents.drop { $0 == 1 })
    }
}

extension Module {
    /// Whether its outputs are tokens of a transformer.
    fileprivate var hasAttention: Bool {
        self is SelfAttention || self is PoolingAttention || children.contains { $0.module.hasAttention }
    }
}
