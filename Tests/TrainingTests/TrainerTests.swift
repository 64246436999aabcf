import Foundation
import Kit
import Plugins
import TestSupport
import Testing

@Suite(.serialized, .alone("the number of threads")) struct TrainerTests {
    private static func json(_ path: String) throws -> [String: Any] {
        let value = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path)))
        return try #require(value as? [String: Any])
    }

    @Test func runFolderSaysEverything() throws {
        try Fixtures.withTemporaryFolder { root in
            var said = ""
            let result = try TinyTraining().run(in: root) { said += $0 }
            let names = try DiskFileSystem().names(in: result.folder)
            #expect(
                Set(names).isSuperset(of: [
                    "command.txt", "config.resolved.json", "env.json", "log.txt", "metrics.jsonl", "checkpoints",
                    "latest",
                    "status.json",
                ]), "\(names)")
            #expect(names.filter { $0.hasPrefix("events.out.tfevents.") }.count == 1)
            #expect(try DiskFileSystem().names(in: "\(result.folder)/checkpoints") == ["step-12", "step-9"])
            #expect(
                try DiskFileSystem().names(in: "\(result.folder)/latest/") == [
                    "average.safetensors", "manifest.json", "model.safetensors", "optimizer.safetensors", "state.json",
                ])
            let status = try RunStatus.read(result.folder)
            #expect(status.state == .finished && status.step == 12 && status.steps == 12 && status.reason == nil)

            let lines = try String(contentsOfFile: "\(result.folder)/metrics.jsonl", encoding: .utf8).split(
                separator: "\n")
            #expect(lines.count == 12)
            let first = try #require(try JSONSerialization.jsonObject(with: Data(lines[5].utf8)) as? [String: Any])
            #expect(
                Set(first.keys) == [
                    "step", "epoch", "loss", "terms", "rate", "gradient_norm", "clips_per_second", "data_wait",
                ])
            #expect(first["step"] as? Int == 6 && first["epoch"] as? Int == 2)
            let terms = try #require(first["terms"] as? [String: Double])
            let sum = try #require(terms["audio_to_video"]) + (try #require(terms["video_to_audio"]))
            #expect(abs(sum - (first["loss"] as? Double ?? 0)) < 1e-5)

            let options = try #require(
                try Self.json("\(result.folder)/config.resolved.json")["plugins"] as? [String: Any])
            let rate = try #require((options["kit.optimizer.adamw"] as? [String: [String: String]])?["learning_rate"])
            #expect(rate["value"] == "0.01" && rate["origin"] == "recipe")
            #expect(try Self.json("\(result.folder)/env.json")["threads"] as? Int == ThreadPool.shared.threadCount)

            let log = try String(contentsOfFile: "\(result.folder)/log.txt", encoding: .utf8)
            for line in said.split(separator: "\n") where !line.hasPrefix("run ") {
                #expect(log.contains(line), "\(line)")
            }
            #expect(said.contains("run folder: \(result.folder)"))
            #expect(try #/peak memory [\d.]+ [MG]B, of which tensors [\d.]+ [kMG]B/#.firstMatch(in: said) != nil)
        }
    }

    @Test func lossFalls() throws {
        try Fixtures.withTemporaryFolder { root in
            var training = TinyTraining()
            training.steps = 150
            training.checkpointEvery = 1000
            let result = try training.run(in: root)
            let first = try RunFiles.metrics(result.folder)[0]
            let start =
                try #require(try JSONSerialization.jsonObject(with: Data(first.utf8)) as? [String: Any])["loss"]
                as? Double
            #expect(try #require(result.loss) < 0.7 * (try #require(start)))
        }
    }

    @Test(arguments: ["clip", "term"])
    func nonFiniteValueIsNamedInItsStep(place: String) throws {
        try Fixtures.withTemporaryFolder { root in
            var training = TinyTraining()
            training.batches = {
                TinyBatches { batch in
                    if batch.number == 7 { batch.audio.pointer[9] = place == "clip" ? .nan : .infinity }
                    return batch
                }
            }
            let error = #expect(throws: KitError.self) { try training.run(in: root) }
            #expect(error?.kind == .nonFinite)
            #expect(
                error?.message.hasPrefix("step 7: the loss term 'audio_to_video' is ") == true,
                "\(error?.message ?? "")")
            #expect(error?.message.contains("clips: tiny/1/1/0, tiny/1/1/1") == true)
            let folder = root.appendingPathComponent("tiny")
            let run = folder.appendingPathComponent(try #require(try DiskFileSystem().names(in: folder.path).first))
                .path
            let status = try RunStatus.read(run)
            #expect(status.state == .failed && status.step == 6 && status.exitCode == 80)
            #expect(status.reason == error?.message)
            #expect(try RunFiles.metrics(run).count == 6)
            #expect(try String(contentsOfFile: "\(run)/log.txt", encoding: .utf8).contains("error: step 7: "))
        }
    }

    @Test func nonFiniteGradientIsNamed() throws {
        try Fixtures.withTemporaryFolder { root in
            let plan = try TinyTraining().plan()
            var broken = plan
            broken.step = { batch, number in
                guard case .table(let terms) = try plan.step(batch, number), number == 3 else {
                    return try plan.step(batch, number)
                }
                // Finite itself, with an infinite slope.
                let weight = plan.modules[1].module.namedParameters()[0].tensor
                let root = try (weight * 0).power(0.5).mean()
                return .table(Options(named: terms.named + [("root", .object(root))]))
            }
            let settings = RunSettings(runsFolder: root.path)
            let log = RunLog(terminal: Terminal(isInteractive: false) { _ in })
            let error = #expect(throws: KitError.self) { try Trainer(broken, settings: settings, log: log).run() }
            #expect(error?.kind == .nonFinite)
            #expect(
                error?.message.hasPrefix("step 3: 48 values of the gradient of 'video.0.weight' are not finite")
                    == true,
                "\(error?.message ?? "")")
        }
    }

    @Test func moduleThatIsNotUsedIsWarnedOf() throws {
        try Fixtures.withTemporaryFolder { root in
            var random = RandomStream(seed: 0)
            var plan = try TinyTraining().plan()
            plan.modules.append(("spare", Linear(2, 2, &random)))
            var said = ""
            let log = RunLog(terminal: Terminal(isInteractive: false) { said += $0 })
            _ = try Trainer(plan, settings: RunSettings(runsFolder: root.path), log: log).run()
            #expect(said.components(separatedBy: "warning: module 'spare' got no gradient in step 1").count == 2)
        }
    }

    @Test(arguments: [5, 7]) func sourcesThatAreLeftOutAreWarnedOf(count: Int) throws {
        try Fixtures.withTemporaryFolder { root in
            var training = TinyTraining()
            training.batches = { TinyBatches(leftOut: (1...count).map { "film \($0): has no sound" }) }
            var said = ""
            let log = RunLog(terminal: Terminal(isInteractive: false) { said += $0 })
            let result = try Trainer(training.plan(), settings: RunSettings(runsFolder: root.path), log: log).run()
            let warnings = said.split(separator: "\n").filter { $0.hasPrefix("warning: left out: ") }
            #expect(
                warnings.map { $0.dropFirst(19) }
                    == (1...5).map { "film \($0): has no sound" } + (count > 5 ? ["2 more"] : []))
            let file = try String(contentsOfFile: "\(result.folder)/log.txt", encoding: .utf8)
            for number in 1...count { #expect(file.contains("left out: film \(number): has no sound")) }
        }
    }

    @Test func dryRunWritesNothingAndChangesNoWeight() throws {
        try Fixtures.withTemporaryFolder { root in
            let plan = try TinyTraining().plan()
            let before = plan.modules.flatMap { $0.module.namedParameters().map(\.tensor.values) }
            var said = ""
            let log = RunLog(terminal: Terminal(isInteractive: false) { said += $0 })
            let terms = try Trainer(plan, settings: RunSettings(runsFolder: root.path), log: log).dryRun()
            #expect(terms.map(\.name) == ["audio_to_video", "video_to_audio"])
            #expect(terms.allSatisfy { $0.value.isFinite })
            #expect(plan.modules.flatMap { $0.module.namedParameters().map(\.tensor.values) } == before)
            #expect(try DiskFileSystem().names(in: root.path).isEmpty)
            #expect(said.contains("12 steps, 5 per epoch, a checkpoint every 3"))
            #expect(said.contains("module video") && said.contains("kit.optimizer.adamw { learning_rate = 0.01"))
        }
    }

    /// A dry run refuses what the first step of the run would refuse.
    @Test func dryRunChecksTheLoss() throws {
        try Fixtures.withTemporaryFolder { root in
            func dryRun(_ change: @escaping (Tensor) throws -> Tensor) throws {
                var plan = try TinyTraining().plan()
                let step = plan.step
                plan.step = { batch, number in
                    guard case .table(let terms) = try step(batch, number) else { return .null }
                    return .table(
                        Options(
                            named: try terms.named.map {
                                guard case .object(let term) = $0.value, let tensor = term as? Tensor else { return $0 }
                                return ($0.key, .object(try change(tensor)))
                            }))
                }
                let log = RunLog(terminal: Terminal(isInteractive: false) { _ in })
                _ = try Trainer(plan, settings: RunSettings(runsFolder: root.path), log: log).dryRun()
            }
            #expect {
                try dryRun { $0 * Float.nan }
            } throws: {
                ($0 as? KitError)?.kind == .nonFinite && "\($0)".contains("the loss term 'audio_to_video' is NaN")
            }
            #expect {
                try dryRun { $0.detached() }
            } throws: {
                "\($0)".contains("does not depend on any parameter of 'modules'")
            }
        }
    }

    /// A dry run with two clips keeps no gradients; one whose step wants them gets a whole batch, with them.
    @Test func dryRunOfAStepThatAsksForGradients() throws {
        try Fixtures.withTemporaryFolder { root in
            var training = TinyTraining()
            training.batches = { DryRunBatches() }
            var plan = try training.plan()
            let (step, video) = (plan.step, plan.modules[0].module)
            var calls = 0
            plan.step = { batch, number in
                calls += 1
                let x = Tensor.ones([2, 2])
                x.requiresGrad = true
                try x.squared().sum().backward()
                #expect(x.grad?.values == [2, 2, 2, 2])
                return try step(batch, number)
            }
            let log = RunLog(terminal: Terminal(isInteractive: false) { _ in })
            let terms = try Trainer(plan, settings: RunSettings(runsFolder: root.path), log: log).dryRun()
            #expect(terms.count == 2 && calls == 2)
            #expect(video.namedParameters().allSatisfy { $0.tensor.grad == nil })
        }
    }

    /// Tiny batches whose first few clips a dry run can take, as with films.
    private final class DryRunBatches: BatchSource {
        private let all = TinyBatches()
        var batchesPerEpoch: Int { all.batchesPerEpoch }
        func nextBatch() throws -> any TrainingBatch { try all.nextBatch() }
        func dryRunBatch(of count: Int) throws -> (any TrainingBatch)? { try TinyBatches().nextBatch() }
        func savedPosition() throws -> String { try all.savedPosition() }
        func restore(position: String) throws { try all.restore(position: position) }
    }

    @Test func weightsOutsideOfModulesAreWarnedOf() throws {
        try Fixtures.withTemporaryFolder { root in
            let stray = Tensor.ones([3, 2])
            stray.requiresGrad = true
            var plan = try TinyTraining().plan()
            let step = plan.step
            plan.step = { batch, number in
                guard case .table(let terms) = try step(batch, number) else { return .null }
                return .table(Options(named: terms.named + [("stray", .object(try stray.squared().mean()))]))
            }
            let warning = "step uses a weight [3, 2] that no module of 'modules' has"
            var said = ""
            let log = RunLog(terminal: Terminal(isInteractive: false) { said += $0 })
            _ = try Trainer(plan, settings: RunSettings(runsFolder: root.path), log: log).dryRun()
            #expect(said.contains("warning: \(warning)"), "\(said)")
            let run = try Trainer(plan, settings: RunSettings(runsFolder: root.path), log: log).run()
            let file = try String(contentsOfFile: "\(run.folder)/log.txt", encoding: .utf8)
            #expect(file.components(separatedBy: warning).count == 2, "once, after the first step")
        }
    }

    @Test func parametersOfOneNameAreRefused() throws {
        var plan = try TinyTraining().plan()
        plan.modules.append((plan.modules[0].name, try TinyTraining().plan().modules[0].module))
        #expect { _ = try Trainer(plan) } throws: { "\($0)".contains("two parameters of 'modules' are named '") }
    }

    /// With dropout: the first step of the run draws the same masks.
    @Test func dryRunGivesTheLossOfTheFirstStepAndMeasuresWhatIsHeldOut() throws {
        try Fixtures.withTemporaryFolder { root in
            var training = TinyTraining()
            let held = HeldOut()
            training.heldOut = held
            var said = ""
            let log = RunLog(terminal: Terminal(isInteractive: false) { said += $0 })
            let terms = try Trainer(training.plan(), settings: RunSettings(runsFolder: root.path), log: log).dryRun()
            #expect(held.count == 1 && said.contains("kit.evaluate.counting works"), "\(said)")
            let first = try RunFiles.metrics(try training.run(in: root).folder)[0]
            let record = try JSONSerialization.jsonObject(with: Data(first.utf8)) as? [String: Any]
            let values = try #require(record?["terms"] as? [String: Double])
            for (name, value) in terms { #expect(values[name] == value, "\(name)") }
        }
    }

    /// Counts how often it is asked.
    private final class HeldOut: Evaluation {
        static let name = "counting"
        static let summary = "Counts."
        static let reference = "This test."
        var count = 0
        func evaluate() throws -> EvaluationReport {
            count += 1
            return EvaluationReport(results: [("figure", 1)], table: ["figure 1.0"])
        }
    }

    /// The averaged weights are a model file of their own: what loads one loads the other.
    @Test func averagedWeightsHaveTheNamesAndShapesOfTheModel() throws {
        try Fixtures.withTemporaryFolder { root in
            let training = TinyTraining()
            let folder = try training.run(in: root).folder
            let model = try SafetensorsFile("\(folder)/latest/model.safetensors")
            let average = try SafetensorsFile("\(folder)/latest/average.safetensors")
            let state = try training.plan().modules.flatMap { name, module in
                module.namedParameters().map { ("\(name).\($0.name)", $0.tensor.shape) }
            }
            #expect(Set(average.names) == Set(state.map(\.0)) && Set(model.names) == Set(average.names))
            for (name, shape) in state {
                let (mean, newest) = (try average.tensor(name), try model.tensor(name))
                #expect(mean.shape == shape && newest.shape == shape && mean.values != newest.values, "\(name)")
            }
        }
    }

    @Test func averageIsPolyaks() throws {
        let value = Tensor([1, 2], [2])
        let average = MovingAverage(of: [value], decay: 0.75)
        value.pointer[0] = 5
        average.update()
        value.pointer[0] = 9
        average.update()
        #expect(average.inPlace { value.values } == [0.75 * 2 + 0.25 * 9, 2])
        #expect(value.values == [9, 2])
    }

    /// The same bits at one thread and at two, over a whole run.
    @Test func threadsDoNotChangeBits() throws {
        try Fixtures.withTemporaryFolder { root in
            let all = ThreadPool.shared.threadCount
            defer { ThreadPool.shared.threadCount = all }
            var training = TinyTraining()
            training.width = 700
            let files = try [1, 2, all].map { threads in
                ThreadPool.shared.threadCount = threads
                return try RunFiles(try training.run(in: root.appendingPathComponent("\(threads)")).folder)
            }
            #expect(files[0] == files[1] && files[0] == files[2])
        }
    }
}
