import Kit
import LuaBridge
import Plugins
import Synchronization
import Testing

/// Plugins that break one promise each, and the check that finds it.
@Suite struct FaultTests {
    private func faults(_ check: String, _ type: any Plugin.Type) throws -> [String] {
        let check = try #require(ConformanceCheck.all.first { $0.name == check })
        return try #require(check.faults(of: ConformanceSubject(PluginDeclaration(type))))
    }

    @Test func aLossWithAWrongGradientIsFound() throws {
        #expect(try faults("gradients", Detached.self)[0].contains("gradient is not the finite difference"))
        #expect(try faults("shapes", Detached.self) == [])
    }

    @Test func aLossThatIsNoScalarAndTakesAnyShapeIsFound() throws {
        let found = try faults("shapes", Careless.self)
        #expect(
            found == ["it gives a tensor of shape [5], not a scalar", "it takes batches of shapes [6, 5] and [6, 4]"])
    }

    @Test func badDocumentationAndNamesAreFound() throws {
        #expect(
            try faults("documentation", Careless.self) == [
                "the help must be a sentence, six letters or more that end with a full stop, but is \"No full stop\"",
                "there is no reference",
                "the help of option 'scale' must be a sentence, six letters or more that end with a full stop, but is \"\"",
            ])
        #expect(try faults("name", Careless.self) == ["'careLess' is not in snake case"])
    }

    @Test func aSamplerThatForgetsItsSeedAndInventsClipsIsFound() throws {
        let found = try faults("batches", Restless.self)
        #expect(found.contains { $0.contains("a run could not be resumed") })
        #expect(found.contains { $0.contains("clips that do not exist") })
    }

    @Test func aScheduleThatGoesBelowZeroIsFound() throws {
        let found = try faults("factors", Falling.self)
        #expect(found.count == 95 && found[0].hasPrefix("step 6 of 7 gives -0.2"), "\(found)")
    }

    @Test func aMetricThatLooksAtTheOrderIsFound() throws {
        #expect(try faults("scores", First.self)[0].contains("for the same items in another order"))
    }

    @Test func anEncoderThatForgetsToRegisterAWeightIsFound() throws {
        #expect(
            Set(try faults("weights", Forgetful.self)) == [
                "the output differs: it depends on something that is not registered"
            ])
        let backward = try faults("backward", Forgetful.self)
        let unregistered = "is not registered: it would be neither trained nor saved"
        // The trunk alone, and with the option 'features'.
        #expect(backward.filter { $0.hasSuffix(unregistered) }.count == 4, "\(backward)")
        #expect(backward.filter { $0 == "unused.weight gets no gradient" }.count == 2)
        let inputs = try faults("inputs", Forgetful.self)
        #expect(inputs.contains("it takes features [batch, features 5], which no clip has: expected .video or .logMel"))
        #expect(inputs.contains { $0.hasPrefix("the message should name features [") })
        #expect(try faults("output", Forgetful.self).contains("it gives [2, 3], not [2, 4]"))
        #expect(try faults("bits", Forgetful.self) == [])
    }

    @Test func anEncoderWithoutARegisteredWeightOrWithOneNameForTwoIsFound() throws {
        let hidden = try faults("backward", Bare.self)
        #expect(
            hidden.count == 1 && hidden[0].contains("depends on a weight [3, 5] that is not registered"), "\(hidden)")
        #expect(try faults("backward", Doubled.self).contains("two tensors are registered as 'top.weight'"))
    }

    @Test func aLossThatDrawsFromTheStepPassesAndOneThatDoesNotIsFound() throws {
        for check in ["gradients", "shapes", "repeats"] { #expect(try faults(check, Dropping.self) == [], "\(check)") }
        #expect(try faults("repeats", Drifting.self)[0].contains("draw from StepRandom.next"))
    }

    @Test func aLossWithMemoryOutsideItsStateIsFound() throws {
        #expect(try faults("resume", Remembering.self) == [])
        #expect(try faults("gradients", Remembering.self) == [])
        #expect(try faults("resume", Forgetting.self)[0].contains("something is missing in the state"))
        #expect(try faults("resume", Stateless.self) == ["its state has no parameters and no buffers"])
    }

    @Test func anEncoderThatIsRandomInEvaluationIsFound() throws {
        #expect(
            try faults("evaluation", Restive.self) == ["two calls in evaluation mode give different outputs"])
    }

    @Test func anAugmentationThatCountsIsFound() throws {
        #expect(
            try faults("changes", Counting.self).contains {
                $0.hasPrefix("what it does to a clip depends on earlier clips")
            })
    }

    @Test func layersAreCalledWithTheGivenInput() throws {
        func faults(_ check: String, _ input: [Tensor]) throws -> [String]? {
            let check = try #require(ConformanceCheck.all.first { $0.name == check })
            return check.faults(of: ConformanceSubject(PluginDeclaration(Hidden.self), inputs: input))
        }
        #expect(try faults("backward", []) == nil)
        let found = try #require(try faults("backward", [.ones([2, 5])]))
        #expect(found.count == 1 && found[0].contains("depends on a weight [5] that is not registered"), "\(found)")
        #expect(try faults("bits", [.ones([2, 5])]) == [])
        let state = try LuaState()
        let checked = try state.run(
            chunk: """
                local x = kit.tensor.normal({ 4, 8 })
                for _, layer in ipairs { kit.layer.dropout { 0.5 }, kit.layer.batch_norm { 8 }, kit.layer.linear { 8, 3 },
                  kit.head.mlp { 8, 8, 4 }, kit.layer.chain { kit.layer.linear { 8, 8 }, kit.layer.dropout { 0.5 } } } do
                  kit.check(layer, x)
                end
                local ok, fault = pcall(kit.check, kit.loss.nt_xent, x)
                return tostring(fault)
                """)
        #expect("\(checked)".contains("is for encoders, heads and layers, but kit.loss.nt_xent makes its own inputs"))
    }

    @Test func anOptimizerThatClimbsAndLosesItsStateIsFound() throws {
        #expect(try faults("descent", Climbing.self)[0].hasPrefix("after 20 steps the loss is "))
        #expect(try faults("state", Climbing.self)[0].contains("something is missing in the state"))
    }

    @Test func aSeparatorThatHumsIsFound() throws {
        #expect(try faults("separation", Humming.self) == ["silence becomes sound of 0.25"])
    }
}

private protocol Faulty: Plugin {}
extension Faulty {
    static var name: String { "faulty" }
    static var summary: String { "Breaks a promise." }
    static var reference: String { "These tests." }
}

private final class Detached: Loss, Faulty {
    init() {}
    func callAsFunction(_ a: Tensor, _ b: Tensor) throws -> Tensor {
        try (a * b).mean() + (a.detached() * a).mean()
    }
}

private final class Careless: Loss {
    static let name = "careLess"
    static let summary = "No full stop"
    static let reference = ""
    @Param("", from: .ours) var scale: Double = 1
    init() {}
    func callAsFunction(_ a: Tensor, _ b: Tensor) throws -> Tensor { try a.mean([0]) }
}

private final class Restless: FilmSampler, Faulty {
    @Param("Clips in a batch.", from: .ours) var batch: Int = 8
    @Param("Decides nothing.", from: .ours) var seed: Int = 0
    private var calls = 0
    init() {}
    func batches(of films: [[Int]], epoch: Int) throws -> [[Int]] {
        calls += 1
        return [[calls, 100_000]]
    }
}

private final class Falling: Schedule, Faulty {
    init() {}
    func factor(step: Int, of total: Int) throws -> Double { 1 - 0.2 * Double(step) }
}

private final class First: Metric, Faulty {
    init() {}
    func score(_ predictions: Predictions) throws -> Double { Double(predictions.scores.values[0]) }
}

private struct Forgetful: Encoder, Faulty {
    @Param("Width of a linear layer on top.", from: .ours) var features: Int? = nil
    init() {}
    var expectedInput: ExpectedInput { .features(5) }
    var trunkFeatures: Int { 4 }
    func build(_ random: inout RandomStream) throws -> Module { ForgetfulModule(&random) }
}

private final class ForgetfulModule: Module {
    private let hidden: Linear
    init(_ random: inout RandomStream) {
        hidden = Linear(5, 3, &random)
        super.init()
        register("unused", Linear(5, 3, bias: false, &random))
    }
    override func forward(_ input: Tensor) throws -> Tensor { try hidden(input) }
    override var summary: String { "4" }
}

/// Its only layer is not registered.
private struct Bare: Encoder, Faulty {
    init() {}
    var expectedInput: ExpectedInput { .features(5) }
    var trunkFeatures: Int { 3 }
    var features: Int? { nil }
    func build(_ random: inout RandomStream) throws -> Module { Layers(Linear(5, 3, bias: false, &random), names: []) }
}

/// Its two layers have one name.
private struct Doubled: Encoder, Faulty {
    init() {}
    var expectedInput: ExpectedInput { .features(5) }
    var trunkFeatures: Int { 3 }
    var features: Int? { nil }
    func build(_ random: inout RandomStream) throws -> Module {
        Layers(Linear(5, 3, bias: false, &random), names: ["top", "top"])
    }
}

/// One layer, under any number of names.
private final class Layers: Module {
    private let layer: Linear
    init(_ layer: Linear, names: [String]) {
        self.layer = layer
        super.init()
        for name in names { register(name, layer) }
    }
    override func forward(_ input: Tensor) throws -> Tensor { try layer(input) }
    override var summary: String { "3" }
}

private final class Climbing: Optimizer, Faulty {
    @Param("Learning rate.", from: .ours) var learningRate: Double = 0.1
    init() {}
    func stepper(for parameters: [(name: String, tensor: Tensor)]) throws -> any OptimizerStepper {
        Stepper(parameters.map(\.tensor))
    }

    private final class Stepper: OptimizerStepper {
        var stepCount = 0
        var state: [(name: String, tensor: Tensor)] { [] }
        private let weights: [Tensor]
        private var velocity: Float = 1
        init(_ weights: [Tensor]) { self.weights = weights }

        func step(rate: Double) throws {
            velocity += 1
            stepCount += 1
            for weight in weights {
                guard let gradient = weight.grad else { continue }
                for index in 0..<weight.count {
                    weight.pointer[index] += velocity * Float(rate) * gradient.pointer[index]
                }
            }
        }
    }
}

private final class Humming: SeparatorFactory, Separator, Faulty {
    init() {}
    func make() throws -> any Separator { self }
    var sampleRate: Int? { nil }
    func separate(block: Waveform) throws -> Waveform {
        Waveform(channels: 2, count: block.count, sampleRate: block.sampleRate, values: block.values.map { $0 + 0.25 })
    }
}

/// Mean squared distance, of which each step leaves out a part that it draws.
private final class Dropping: Loss, Faulty {
    init() {}
    func callAsFunction(_ a: Tensor, _ b: Tensor) throws -> Tensor {
        try checkViews(a, b)
        var random = StepRandom.next("dropping")
        return try (a - b).squared().dropout(0.3, &random).mean()
    }
}

/// The same, with a stream of its own.
private final class Drifting: Loss, Faulty {
    private static let calls = Atomic<Int>(0)
    init() {}
    func callAsFunction(_ a: Tensor, _ b: Tensor) throws -> Tensor {
        try checkViews(a, b)
        var random = RandomStream(seed: Self.calls.add(1, ordering: .relaxed).newValue)
        return try (a - b).squared().dropout(0.3, &random).mean()
    }
}

/// Distance to a centre that follows the second view.
private class Centred: StatefulLoss, Faulty {
    final lazy var state: Module = {
        let state = LossState("centred")
        state.register(buffer: "centre", .zeros([1]))
        return state
    }()
    required init() {}
    var inputsWithoutGradient: [String] { ["b"] }
    /// What else changes from step to step.
    var extra: Float { 0 }
    final func callAsFunction(_ a: Tensor, _ b: Tensor) throws -> Tensor {
        try checkViews(a, b)
        let centre = state.tensor("centre")
        let (value, mean) = (
            try ((a - centre.copied()).squared().mean() + extra), try b.detached().mean().item()
        )
        func follow() {
            centre.pointer[0] = 0.9 * centre.pointer[0] + 0.1 * mean
            followed()
        }
        if let step = StepScope.current { step.atEnd(follow) }
        return value
    }
    func followed() {}
}

private final class Remembering: Centred {}

private final class Forgetting: Centred {
    private var steps: Float = 0
    override var extra: Float { steps }
    override func followed() { steps += 1 }
}

private final class Stateless: StatefulLoss, Faulty {
    let state: Module = LossState("stateless")
    init() {}
    func callAsFunction(_ a: Tensor, _ b: Tensor) throws -> Tensor { try (a - b).squared().mean() }
}

/// Adds noise in evaluation, too.
private struct Restive: Encoder, Faulty {
    init() {}
    var features: Int? { nil }
    var expectedInput: ExpectedInput { .logMel(channels: 1) }
    var trunkFeatures: Int { 1 }
    func build(_ random: inout RandomStream) throws -> Module { RestiveModule() }
}

private final class RestiveModule: Module {
    override func forward(_ input: Tensor) throws -> Tensor {
        var random = StepRandom.next("restive")
        return try input.mean([1, 2]) + Tensor.uniform([input.shape[0], 1], 0, 1, &random)
    }
}

private final class Counting: SpectrogramAugmentation, Faulty {
    private var count: Float = 0
    init() {}
    func apply(to spectrogram: ClipSpectrogram, _ random: inout RandomStream) throws {
        spectrogram.values[0] = count
        count += 1
    }
}

/// Multiplies by a weight that it does not register.
private struct Hidden: Layer, Faulty {
    init() {}
    func build(_ random: inout RandomStream) throws -> Module { HiddenModule() }
}

private final class HiddenModule: Module {
    private let weight = Tensor.ones([5])
    override init() {
        super.init()
        weight.requiresGrad = true
    }
    override func forward(_ input: Tensor) throws -> Tensor { try input * weight }
}
