import KitCore
import KitTensor

/// A plugin that builds a module: recipes get the module, with freshly initialised weights.
public protocol ModuleFactory: Plugin {
    /// Builds the module. All randomness comes from the stream.
    func build(_ random: inout RandomStream) throws -> Module
}

extension ModuleFactory {
    /// Builds the module and records this plugin in it.
    public func make() throws -> Module {
        let module = try WeightSeed.withNextStream { try build(&$0) }
        module.factory = self
        module.position = WeightSeed.made
        return module
    }

    public static var returns: any OptionConvertible.Type { Module.self }
    public func construct() throws -> Any { try make() }
}

/// A network from clips or spectrograms to features: video [batch, time, height, width, channels] or
/// log-mel spectrograms [batch, time, mel, channels] in, [batch, features] out.
public protocol Encoder: ModuleFactory {
    /// The input that the network expects: `.video(channels: 3)` or `.logMel(channels: 2)`. `kit.embed` chooses video or
    /// sound tracks by it.
    var expectedInput: ExpectedInput { get }
    /// The width of the network's own pooled features.
    var trunkFeatures: Int { get }
    /// The width of a linear layer on top of the features; nil for none.
    var features: Int? { get }
    /// Whether the output may not depend on a weight, so that its gradient is 0: position tables of a last block, for
    /// example, if only its class token is read. By default no weight's.
    func mayHaveNoGradient(_ name: String) -> Bool
}

extension Encoder {
    public static var kind: String { "encoder" }

    public func mayHaveNoGradient(_ name: String) -> Bool { false }

    /// The width of the output.
    public var outputFeatures: Int { features ?? trunkFeatures }

    /// "video [batch, time, height, width, channels 3] -> [batch, 2048]": for summaries.
    public var mapText: String { "\(expectedInput.description) -> [batch, \(outputFeatures)]" }

    public func validate() throws { try validateFeatures() }

    /// Throws unless the width of the linear layer is allowed. For encoders that check other options, too.
    public func validateFeatures() throws {
        if let features, !Linear.widths.contains(features) {
            throw KitError.usage(
                "option 'features' must be \(Linear.widths.lowerBound) to \(Linear.widths.upperBound), but is \(features)"
            )
        }
    }
}

/// A small network on top of an encoder, used in training only: [batch, in] to [batch, out].
public protocol Head: ModuleFactory {}

extension Head {
    public static var kind: String { "head" }
}

/// A part of a network, which recipes compose: `kit.layer.linear { 512, 128 }`.
public protocol Layer: ModuleFactory {}

extension Layer {
    public static var kind: String { "layer" }
}

/// A plugin whose module contains other modules that a recipe gave to it.
public protocol ModuleContainer: ModuleFactory {
    /// The same plugin with copies of its modules. `copy` returns the copy of a module, always the same one.
    func withCopies(_ copy: (Module) throws -> Module) throws -> Self
}

/// The randomness of fresh weights: one seed for a recipe, and one stream for each module in the order of creation.
public enum WeightSeed {
    private final class State: SessionPart, @unchecked Sendable {
        var root = RandomStream(seed: 0)
        /// The number of streams used so far.
        var made = 0
    }

    private static var state: State { Session.current[State.self] }

    /// Starts over with another seed. `kit.recipe` calls it with the recipe's `seed`.
    public static func reset(_ seed: Int) {
        let state = state
        state.root = RandomStream(seed: seed)
        state.made = 0
    }

    /// Runs `body` with streams of another seed, without using any of the recipe's.
    package static func apart<Result>(seed: Int, _ body: () throws -> Result) rethrows -> Result {
        try apart(RandomStream(seed: seed), body)
    }

    /// Runs `body` with streams that depend on the recipe's seed and the number of a piece of work, not on the weights
    /// created before.
    package static func apart<Result>(piece: Int, _ body: () throws -> Result) rethrows -> Result {
        try apart(state.root.derived("piece", piece), body)
    }

    /// Runs `body` with streams that are derived from one module's own stream, for the modules that it consists of.
    package static func apart<Result>(_ root: RandomStream, _ body: () throws -> Result) rethrows -> Result {
        let state = state
        let before = (state.root, state.made)
        defer { (state.root, state.made) = before }
        (state.root, state.made) = (root, 0)
        return try body()
    }

    /// The number of modules made so far.
    static var made: Int { state.made }

    /// Runs `body` with the stream of the next module.
    public static func withNextStream<Result>(_ body: (inout RandomStream) throws -> Result) rethrows -> Result {
        let state = state
        var stream = state.root.derived("weights", state.made)
        state.made += 1
        return try body(&stream)
    }
}
