import Kit

/// Normal random numbers.
struct NormalTensor: TensorMaker {
    static let name = "normal"
    static let summary = "A tensor of random numbers from a normal distribution."
    static let reference = "Philox 4x32-10 (Salmon et al. 2011), Box and Muller (1958)."

    @Param("The extents, outermost first.", positional: true) var shape: [Int]
    @Param("The mean.", from: .ours) var mean: Double = 0
    @Param("The standard deviation.", in: 0...1e30, from: .ours, was: "deviation") var std: Double = 1
    @Param(
        "Seed of the numbers. Nil draws new numbers in each call, which depend on the recipe's seed, the training step and the position in it.",
        from: .ours) var seed: Int? = nil

    func make() throws -> Tensor {
        var random = seed.map { RandomStream(seed: $0, for: Self.name) } ?? StepRandom.next(Self.name)
        return .normal(try Shape(checking: shape, Self.name), mean: Float(mean), deviation: Float(std), &random)
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(NormalTensor.self) }
