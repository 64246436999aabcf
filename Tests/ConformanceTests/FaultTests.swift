import Kit
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
                "the help must be a sentence, but is \"No full stop\"", "there is no source",
                "the help of option 'scale' must be a sentence, but is \"\"",
            ])
        #expect(try faults("name", Careless.self) == ["'careLess' is not in snake case"])
    }

    @Test func aSamplerThatForgetsItsSeedAndInventsClipsIsFound() throws {
        let found = try faults("batches", Restless.self)
        #expect(found.contains { $0.contains("a run could not be resumed") })
        #expect(found.contains { $0.contains("clips that there are not") })
    }

    @Test func aScheduleThatGoesBelowZeroIsFound() throws {
        let found = try faults("factors", Falling.self)
        #expect(found.count == 95 && found[0].hasPrefix("step 6 of 7 gives -0.2"), "\(found)")
    }

    @Test func aMetricThatLooksAtTheOrderIsFound() throws {
        #expect(try faults("scores", First.self)[0].contains("for the same items in another order"))
    }
}

private protocol Faulty: Plugin {}
extension Faulty {
    static var name: String { "faulty" }
    static var summary: String { "Breaks a promise." }
    static var source: String { "These tests." }
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
    static let source = ""
    @Param("", from: .ours) var scale: Double = 1
    init() {}
    func callAsFunction(_ a: Tensor, _ b: Tensor) throws -> Tensor { try a.mean([0]) }
}

private final class Restless: Sampler, Faulty {
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
