import Foundation
import Kit
import Plugins
import TestSupport
import Testing

@Suite struct RetrievalTests {
    private struct Figures: Decodable {
        let recall: [Double]
        let median_rank: Double
    }
    private struct Ranked: Decodable {
        let count: Int
        let similarities: [Float]
        let recall: [Double]
        let median_rank: Double
    }
    private struct Family: Decodable {
        let count: Int
        let films: [String]
        let same: Bool
        let similarities: [Float]
        let recall: [Double]
        let median_rank: Double
    }
    private struct Reference: Decodable {
        let ranked: [Ranked]
        let families: [Family]
        let embedded: [String: Figures]
    }

    private static func reference() throws -> Reference {
        let data = try Data(contentsOf: Fixtures.folder().appendingPathComponent("retrieval.json"))
        return try JSONDecoder().decode(Reference.self, from: data)
    }

    @Test func ranksEqualTheBruteForceReference() throws {
        for item in try Self.reference().ranked {
            let ranks = RetrievalRanks(similarities: item.similarities, count: item.count)
            for (k, expected) in zip(RetrievalTable.cutoffs, item.recall) {
                #expect(abs(ranks.recall(at: k) - expected) < 1e-12, "\(item.count) candidates, R@\(k)")
            }
            #expect(ranks.medianRank == item.median_rank, "\(item.count) candidates")
        }
    }

    @Test func ranksWithinAndAcrossFilmsEqualTheReference() throws {
        let families = try Self.reference().families
        #expect(families.count == 5)
        for item in families {
            let ranks = RetrievalRanks(
                similarities: item.similarities, count: item.count, films: item.films,
                candidates: item.same ? .sameFilm : .crossFilm)
            for (k, expected) in zip(RetrievalTable.cutoffs, item.recall) {
                #expect(abs(ranks.recall(at: k) - expected) < 1e-12, "\(item.films), same \(item.same), R@\(k)")
            }
            #expect(ranks.medianRank == item.median_rank)
        }
    }

    @Test func familiesOfCandidatesAreReported() throws {
        let video = Pattern.tensor("retrieval/video", [6, 8])
        let films = ["a", "a", "a", "b", "b", "c"]
        let views = [("audio", video), ("video", video)]
        let report = try RetrievalReport.make(
            views, films: films, title: "retrieval", bootstrap: Bootstrap(resamples: 50))
        let results = Dictionary(uniqueKeysWithValues: report.results)
        for family in ["", "same_film/", "cross_film/"] {
            #expect(results["\(family)audio_to_video/recall_at_1"] == 1)
            #expect(results["\(family)interval/audio_to_video/recall_at_1/low"] == 1)
        }
        #expect(abs(results["same_film/chance/recall_at_1"]! - (3 * 1.0 / 3 + 2 * 1.0 / 2) / 5) < 1e-12)
        #expect(abs(results["cross_film/chance/recall_at_1"]! - (3 * 1.0 / 4 + 2 * 1.0 / 5 + 1.0 / 6) / 6) < 1e-12)
        #expect(report.table.count == 12 && report.table[4].hasPrefix("among clips of the same film"))
        // One film, or one clip of each, leaves nothing to tell apart in one of the families.
        let one = try RetrievalReport.make(
            views, films: films.map { _ in "a" }, title: "retrieval", bootstrap: Bootstrap(resamples: 0))
        #expect(!one.results.contains { $0.name.hasPrefix("cross_film") || $0.name.hasPrefix("interval") })
    }

    @Test func featuresOfOtherRowsOrEncodersAreRefused() throws {
        func set(_ view: String, _ ids: [String], _ encoder: String) throws -> OptionValue {
            .object(
                try FeatureSet(
                    view: view, ids: ids, films: ids, values: Pattern.tensor(view, [ids.count, 3]), encoder: encoder))
        }
        func make(_ sets: [OptionValue]) throws -> any Evaluation {
            let options = Options(named: [("features", .list(sets)), ("resamples", .int(0))])
            let made = try PluginRegistry.shared.make(kind: "evaluate", name: "feature_retrieval", options: options)
            return try #require(made as? any Evaluation)
        }
        let report = try make([set("audio.en", ["a", "b"], "e"), set("audio.es", ["a", "b"], "e")]).evaluate()
        #expect(report.results.contains { $0.name == "audio.en_to_audio.es/recall_at_1" })
        let rows = #expect(throws: KitError.self) {
            try make([set("x", ["a", "b"], "e"), set("y", ["a", "c"], "e")])
        }
        #expect(rows?.message.contains("'x' and 'y' have different rows") == true)
        let other = #expect(throws: KitError.self) {
            try make([set("x", ["a", "b"], "e"), set("y", ["a", "b"], "f")])
        }
        #expect(other?.message.contains("different encoders: e; f") == true)
    }

    @Test func reportOfEmbeddingsEqualsTheReference() throws {
        let video = Pattern.tensor("retrieval/video", [23, 8])
        let noise = Pattern.tensor("retrieval/noise", [23, 8])
        let audio = Tensor(zip(video.values, noise.values).map { $0 + $1 }, [23, 8])
        let report = try RetrievalReport.make(
            [("audio", audio), ("video", video)], films: (0..<23).map { "film \($0)" }, title: "held-out retrieval",
            bootstrap: Bootstrap(resamples: 20))
        let results = Dictionary(uniqueKeysWithValues: report.results)
        let expected = try Self.reference().embedded
        #expect(expected.count == 2)
        for (pair, values) in expected {
            for (k, recall) in zip(RetrievalTable.cutoffs, values.recall) {
                let figure = try #require(results["\(pair)/recall_at_\(k)"])
                #expect(abs(figure - recall) < 1e-9)
            }
            #expect(results["\(pair)/median_rank"] == values.median_rank)
        }
        #expect(abs(results["chance/recall_at_5"]! - 5.0 / 23) < 1e-12)
        #expect(results["chance/median_rank"] == 12)
        #expect(report.warnings.isEmpty)
        #expect(report.table.count == 8 && report.table[0].hasPrefix("held-out retrieval among 23 clips"))
    }

    @Test func collapsedEmbeddingsScoreAsChanceAndAreWarnedOf() throws {
        let row = Pattern.tensor("collapsed", [1, 16]).values
        let same = Tensor((0..<40).flatMap { _ in row }, [40, 16])
        let report = try RetrievalReport.make(
            [("audio", same), ("video", same)], films: (0..<40).map { "film \($0 / 4)" }, title: "held-out retrieval",
            bootstrap: Bootstrap(resamples: 0))
        let results = Dictionary(uniqueKeysWithValues: report.results)
        let recall = try #require(results["audio_to_video/recall_at_1"])
        #expect(abs(recall - 1.0 / 40) < 1e-12)
        #expect(results["audio_to_video/median_rank"] == results["chance/median_rank"])
        #expect(report.warnings.count == 2 && report.warnings[0].contains("'audio' have collapsed"))
    }

    @Test func retrievalOfOneClipIsNotDefined() throws {
        let views = [("a", Pattern.tensor("a", [1, 4])), ("b", Pattern.tensor("b", [1, 4]))]
        let report = try RetrievalReport.make(
            views.map { (name: $0.0, tensor: $0.1) }, films: ["film"], title: "retrieval", bootstrap: Bootstrap())
        #expect(report.results.map(\.name) == ["clips"] && report.results[0].value == 1)
        #expect(report.warnings == ["retrieval is not defined for 1 clip: there is nothing to choose from"])
    }

    @Test func spreadOfEvenDirectionsIsNearOne() throws {
        let even = try Pattern.tensor("even", [500, 24]).l2Normalized()
        #expect(abs(EmbeddingSpread.of(even) - 1) < 0.05)
    }

    /// As a recipe calls it: modules in evaluation mode and back, batches from the beginning again, views in any order.
    @Test func pluginMeasuresInEvaluationMode() throws {
        let modules = try TinyTraining().plan().modules
        let (audio, video) = (modules[0].module, modules[1].module)
        audio.train(false)
        let batches = TinyBatches(batchesPerEpoch: 3)
        var modes: Set<Bool> = []
        let retrieval = Retrieval()
        retrieval.data = ObjectOption(batches)
        retrieval.modules = NamedOption(modules.map { ($0.name, ObjectOption($0.module)) })
        retrieval.embed = ObjectOption(
            SwiftFunction { arguments in
                guard case .table(let clip) = arguments[0] else { throw KitError.usage("no clip") }
                modes.insert(video.isTraining || audio.isTraining || Autograd.isRecording)
                let views = try clip.named.map { key, value -> (String, OptionValue) in
                    guard case .object(let object) = value else { throw KitError.usage("no tensor") }
                    let tensor = try #require(object as? Tensor)
                    return (key, .object(try (key == "video" ? video : audio)(tensor)))
                }
                return .table(Options(named: views))
            })
        let first = try retrieval.evaluate()
        let second = try retrieval.evaluate()
        #expect(first.results.map(\.value) == second.results.map(\.value))
        #expect(first.results.first { $0.name == "clips" }?.value == 24)
        #expect(modes == [false])
        #expect(batches.given == 0)
        #expect(video.isTraining && video.children.allSatisfy(\.module.isTraining) && !audio.isTraining)
    }

    @Test(arguments: [
        ("tensor", "embed: must return a table of two or more named embeddings, but returned a tensor"),
        ("one", "embed: must return a table of two or more named embeddings, but returned a table"),
        ("number", "embed: the view 'b' must be a tensor, but is number 1.0"),
        ("shape", "embed: the view 'b' must have the shape [batch 8, features], but has [8]"),
        ("features", "embed: 'a' has 4 features, but 'b' has 5"),
        ("infinite", "embed: the view 'b' is not finite; the batch's clips: tiny/0/0/0, "),
    ])
    func wrongEmbeddingsAreNamed(what: String, message: String) throws {
        let good = OptionValue.object(Tensor.ones([8, 4]))
        let bad: OptionValue =
            switch what {
            case "number": .number(1)
            case "shape": .object(Tensor.ones([8]))
            case "features": .object(Tensor.ones([8, 5]))
            default: .object(Tensor(repeating: .infinity, [8, 4]))
            }
        let value: OptionValue =
            switch what {
            case "tensor": good
            case "one": .table(Options(named: [("a", good)]))
            default: .table(Options(named: [("b", bad), ("a", good)]))
            }
        let retrieval = Retrieval()
        retrieval.data = ObjectOption(TinyBatches(batchesPerEpoch: 1))
        retrieval.modules = NamedOption()
        retrieval.embed = ObjectOption(SwiftFunction { _ in value })
        let error = #expect(throws: KitError.self) { try retrieval.evaluate() }
        #expect(error?.message.hasPrefix(message) == true, "\(error?.message ?? "")")
    }

    @Test func resultsBecomeNestedTables() {
        let report = EvaluationReport(
            results: [("a_to_b/recall_at_1", 0.5), ("a_to_b/median_rank", 2), ("clips", 7)], table: [])
        guard case .table(let outer) = report.scriptValue, case .table(let inner)? = outer.named.first?.value else {
            Issue.record("no nested table")
            return
        }
        #expect(outer.named.map(\.key) == ["a_to_b", "clips"])
        #expect(inner.named.map(\.key) == ["recall_at_1", "median_rank"])
    }
}
