import Foundation
import Kit
import Plugins
import TestSupport
import Testing

/// A run that ends early, in any way that leaves the process alive, and is resumed equals one that was not interrupted.
@Suite(.serialized, .alone("Ctrl-C")) struct ResumeTests {
    private static func runs(_ name: String, _ root: URL) -> URL { root.appendingPathComponent(name) }

    @Test(arguments: PluginRegistry.shared.names(of: "optimizer"))
    func stoppedAfterAnyStep(optimizer: String) throws {
        try Fixtures.withTemporaryFolder(inMemory: true) { root in
            var training = TinyTraining()
            training.optimizer = optimizer
            training.steps = 7
            let whole = try RunFiles(try training.run(in: Self.runs("whole", root)).folder)
            #expect(whole.metrics.count == training.steps)
            for step in 1..<training.steps {
                let runs = Self.runs("stopped-\(step)", root)
                Interrupt.clear()
                defer { Interrupt.clear() }
                training.beforeStep = { if $0 == step { Interrupt.request() } }
                let error = #expect(throws: KitError.self) { try training.run(in: runs) }
                #expect(error?.kind == .tryAgain)
                #expect(error?.message.contains("stopped after step \(step) of \(training.steps)") == true)
                Interrupt.clear()
                training.beforeStep = { _ in }
                let resumed = try training.run(in: runs, resume: .newest)
                #expect(resumed.stepsMade == training.steps - step)
                #expect(try RunFiles(resumed.folder) == whole, "\(optimizer), stopped after step \(step)")
            }
        }
    }

    /// Checkpoints hold float32 whatever the precision, so each continues in any; in its own with the same bits.
    @Test func stoppedInBFloat16() throws {
        try Fixtures.withTemporaryFolder(inMemory: true) { root in
            var training = TinyTraining()
            training.precision = .bfloat16
            training.steps = 4
            let whole = try RunFiles(try training.run(in: Self.runs("whole", root)).folder)
            var plain = training
            plain.precision = .float32
            #expect(try RunFiles(try plain.run(in: Self.runs("plain", root)).folder) != whole)
            for (name, precision) in [("same", ProductPrecision.bfloat16), ("other", .float32)] {
                let runs = Self.runs(name, root)
                Interrupt.clear()
                defer { Interrupt.clear() }
                training.precision = .bfloat16
                training.beforeStep = { if $0 == 2 { Interrupt.request() } }
                #expect(throws: KitError.self) { try training.run(in: runs) }
                Interrupt.clear()
                training.beforeStep = { _ in }
                training.precision = precision
                let resumed = try training.run(in: runs, resume: .newest)
                #expect(resumed.stepsMade == 2)
                #expect((try RunFiles(resumed.folder) == whole) == (precision == .bfloat16), "in \(precision)")
            }
        }
    }

    /// The k-th change of a file fails, for every k: the error is one of input and output and names a path, and the run
    /// that continues from what is there ends as if nothing had happened.
    @Test(arguments: [TroubledFileSystem.Trouble.full, .glitch])
    func failedFileOperation(trouble: TroubledFileSystem.Trouble) throws {
        try Fixtures.withTemporaryFolder(inMemory: true) { root in
            var training = TinyTraining()
            training.steps = 5
            training.checkpointEvery = 2
            let whole = try RunFiles(try training.run(in: Self.runs("whole", root)).folder)
            var k = 0
            var isThrough = false
            while !isThrough {
                k += 1
                let runs = Self.runs("failed-\(k)", root)
                let files = TroubledFileSystem(trouble, at: k)
                do {
                    try training.run(in: runs, files: files)
                    isThrough = files.operations < k
                } catch let error as KitError {
                    #expect(error.kind == .inputOutput, "operation \(k): \(error)")
                    #expect(error.message.contains(runs.path), "operation \(k): \(error)")
                }
                let resumed = try training.run(in: runs, resume: .newest)
                #expect(try RunFiles(resumed.folder) == whole, "operation \(k)")
                // Without these nothing can read the run.
                for name in ["model.json", "config.resolved.json", "env.json", "command.txt"] {
                    #expect(DiskFileSystem().exists("\(resumed.folder)/\(name)"), "operation \(k): \(name)")
                }
                #expect(try !DiskFileSystem().names(in: resumed.folder).contains { $0.hasSuffix(".tmp") })
            }
            #expect(k > 100)
        }
    }

    /// Ctrl-C in the k-th change of a file, for every k, checkpoints included: the run stops after the step with a
    /// whole checkpoint, and continues from there as if nothing had happened.
    @Test func interruptedInAnyFileOperation() throws {
        try Fixtures.withTemporaryFolder(inMemory: true) { root in
            defer { Interrupt.clear() }
            var training = TinyTraining()
            training.steps = 5
            training.checkpointEvery = 2
            let whole = try RunFiles(try training.run(in: Self.runs("whole", root)).folder)
            var (k, stops) = (0, 0)
            var isThrough = false
            while !isThrough {
                k += 1
                Interrupt.clear()
                let runs = Self.runs("interrupted-\(k)", root)
                let files = TroubledFileSystem(.interrupt, at: k)
                do {
                    try training.run(in: runs, files: files)
                    isThrough = files.operations < k
                } catch let error as KitError {
                    #expect(error.kind == .tryAgain, "operation \(k): \(error)")
                    stops += 1
                }
                Interrupt.clear()
                let resumed = try training.run(in: runs, resume: .newest)
                #expect(try RunFiles(resumed.folder) == whole, "operation \(k)")
            }
            #expect(stops > 80, "\(stops) of \(k)")
        }
    }

    @Test func changedSettingsAreWarnedOf() throws {
        try Fixtures.withTemporaryFolder(inMemory: true) { root in
            var training = TinyTraining()
            training.steps = 6
            let first = try training.run(in: root)
            func said(rate: Double) throws -> [Substring] {
                var text = ""
                training.rate = rate
                _ = try training.run(in: root, resume: .folder(first.folder)) { text += $0 }
                return text.split(separator: "\n").filter { $0.hasPrefix("warning: ") }
            }
            training.steps = 9
            #expect(
                try said(rate: 0.5) == [
                    "warning: 'learning_rate' of kit.optimizer.adamw is 0.5, but was 0.01 in the run so far"
                ])
            #expect(try said(rate: 0.01).isEmpty)
        }
    }

    @Test func damagedCheckpointIsSkippedWithAWarning() throws {
        try Fixtures.withTemporaryFolder(inMemory: true) { root in
            let training = TinyTraining()
            let first = try training.run(in: root)
            let whole = try RunFiles(first.folder)
            let weights = URL(fileURLWithPath: "\(first.folder)/checkpoints/step-12/model.safetensors")
            try Data(contentsOf: weights).dropLast(1).write(to: weights)
            var said = ""
            let resumed = try training.run(in: root, resume: .folder(first.folder)) { said += $0 }
            #expect(said.contains("warning: checkpoint step-12 is damaged and skipped: model.safetensors has"))
            #expect(said.contains("resumed after step 9 of 12"))
            #expect(resumed.folder == first.folder)
            #expect(try RunFiles(resumed.folder) == whole)
        }
    }

    @Test func finishedRunIsNotTrainedAgain() throws {
        try Fixtures.withTemporaryFolder(inMemory: true) { root in
            let first = try TinyTraining().run(in: root)
            let whole = try RunFiles(first.folder)
            let again = try TinyTraining().run(in: root, resume: .newest)
            #expect(again.folder == first.folder && again.stepsMade == 0 && again.steps == 12)
            #expect(try RunFiles(again.folder) == whole)
        }
    }

    @Test func secondSignalEndsTheStepItself() throws {
        try Fixtures.withTemporaryFolder(inMemory: true) { root in
            Interrupt.clear()
            defer { Interrupt.clear() }
            var training = TinyTraining()
            training.beforeStep = { step in
                guard step == 5 else { return }
                Interrupt.request()
                Interrupt.request()
            }
            let error = #expect(throws: KitError.self) { try training.run(in: root) }
            #expect(error?.kind == .interrupted)
            let folder = try #require(try DiskFileSystem().names(in: root.appendingPathComponent("tiny").path).first)
            let status = try RunStatus.read(root.appendingPathComponent("tiny/\(folder)").path)
            #expect(status.state == .interrupted && status.step == 4 && status.exitCode == 130)
        }
    }

    @Test func checkpointOfAnotherModelIsRefused() throws {
        try Fixtures.withTemporaryFolder(inMemory: true) { root in
            let first = try TinyTraining().run(in: root)
            func error(_ change: (inout TinyTraining) -> Void) -> String {
                var other = TinyTraining()
                change(&other)
                let error = #expect(throws: KitError.self) { try other.run(in: root, resume: .folder(first.folder)) }
                #expect(error?.kind == .configuration)
                return error?.message ?? ""
            }
            let wide = error { $0.width = 9 }
            #expect(wide.contains("cannot resume from \(first.folder)/checkpoints/step-12: "))
            #expect(wide.contains("'0.weight' is [8, 6] in the file, but should be [9, 6]"), "\(wide)")
            let rule = error { $0.optimizer = "sgd" }
            #expect(rule.contains("another optimizer"), "\(rule)")
            let short = error { $0.steps = 6 }
            #expect(short.contains("it has 12 steps, but the run should have 6"), "\(short)")
        }
    }

    /// Earlier versions kept AdamW's counts of steps in one vector, in the order of the parameters.
    @Test func countsOfStepsInOneVectorAreUnderstood() throws {
        try Fixtures.withTemporaryFolder(inMemory: true) { root in
            let results = try [false, true].map { isOld in
                let runs = Self.runs("\(isOld)", root)
                var training = TinyTraining()
                training.steps = 3
                try Self.rewriteSteps(of: training.run(in: runs).folder, asVector: isOld)
                training.steps = 6
                return try RunFiles(training.run(in: runs, resume: .newest).folder)
            }
            #expect(results[0] == results[1])
        }
    }

    /// Gives every parameter another count of steps, under its own name or all in one vector.
    private static func rewriteSteps(of folder: String, asVector: Bool) throws {
        let latest = URL(fileURLWithPath: folder).appendingPathComponent("latest").resolvingSymlinksInPath()
        let path = latest.appendingPathComponent("optimizer.safetensors")
        let file = try SafetensorsFile(path.path)
        let counted = file.names.filter { $0.hasPrefix("step.") }
        #expect(counted.count > 3)
        let counts = counted.indices.map { Float(3 + $0) }
        var items =
            asVector
            ? [SafetensorsWriter.Item("step", Tensor(counts, [counts.count]))]
            : zip(counted, counts).map { SafetensorsWriter.Item($0, Tensor($1)) }
        for name in file.names where !counted.contains(name) { items.append(.init(name, try file.tensor(name))) }
        try SafetensorsWriter.write(items, to: path.path)
        let manifest = latest.appendingPathComponent("manifest.json")
        var facts = try JSONSerialization.jsonObject(with: Data(contentsOf: manifest)) as? [String: Any] ?? [:]
        var files = facts["files"] as? [String: Any] ?? [:]
        let data = try Data(contentsOf: path)
        files["optimizer.safetensors"] = ["bytes": data.count, "sha256": SHA256.digest(of: data)] as [String: Any]
        facts["files"] = files
        try JSONSerialization.data(withJSONObject: facts).write(to: manifest)
    }
}
