import Kit

/// Uniform random numbers.
struct UniformTensor: TensorMaker {
    static let name = "uniform"
    static let summary = "A tensor of random numbers, uniform in [low, high)."
    static let reference = "Philox 4x32-10 (Salmon et al. 2011)."

    @Param("The extents, outermost first.", positional: true) var shape: [Int]
    @Param("The smallest value.", from: .ours) var low: Double = 0
    @Param("The bound, which is above all values.", from: .ours) var high: Double = 1
    @Param(
        "Seed of the numbers. Nil draws new numbers in each call, which depend on the recipe's seed, the training step and the position in it.",
        from: .ours) var seed: Int? = nil

    func validate() throws {
        guard low <= high else {
            throw KitError.usage("option 'low' must be at most 'high' (\(high)), but is \(low)")
        }
    }

    func make() throws -> Tensor {
        var random = seed.map { RandomStream(seed: $0, for: Self.name) } ?? StepRandom.next(Self.name)
        return .uniform(try Shape(checking: shape, Self.name), Float(low), Float(high), &random)
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(UniformTensor.self) }
