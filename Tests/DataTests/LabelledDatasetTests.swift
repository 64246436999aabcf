import Foundation
import Kit
import TestSupport
import Testing

@Suite struct LabelledDatasetTests {
    private static func item(
        _ id: String, _ labels: [String], _ split: String, group: String? = nil, path: String? = nil
    ) -> LabelledItem { LabelledItem(id: id, path: path, labels: labels, split: split, group: group) }

    private static var good: [LabelledItem] {
        [item("a", ["x"], "train"), item("b", ["y"], "train"), item("c", ["x"], "valid"), item("d", ["y"], "test")]
    }

    private static func message(
        _ items: [LabelledItem], vocabulary: [String]? = nil, isMultiLabel: Bool = false
    ) -> String {
        let error = #expect(throws: KitError.self) {
            try LabelledDataset("task", items, vocabulary: vocabulary, isMultiLabel: isMultiLabel)
        }
        return error?.message ?? ""
    }

    @Test func fixedSplitsAreOneFold() throws {
        let data = try LabelledDataset("task", Self.good)
        #expect(data.folds == [Fold(name: "test", train: [0, 1], valid: [2], test: [3])])
        #expect(data.labels.classes == ["x", "y"] && data.labels.rows == [[0], [1], [0], [1]])
        #expect(data.sources.map(\.id) == ["a", "b", "c", "d"])
    }

    /// Each fold tested in turn, the next one to choose by: HEAR's rule.
    @Test func foldsAreTestedInTurn() throws {
        let items = (0..<8).map { Self.item("\($0)", [$0 < 4 ? "x" : "y"], "fold\($0 % 4)") }
        let folds = try LabelledDataset("task", items).folds
        #expect(folds.map(\.name) == ["fold0", "fold1", "fold2", "fold3"])
        #expect(folds[0] == Fold(name: "fold0", train: [2, 3, 6, 7], valid: [1, 5], test: [0, 4]))
        #expect(folds[3] == Fold(name: "fold3", train: [1, 2, 5, 6], valid: [0, 4], test: [3, 7]))
        let two = try LabelledDataset("task", (0..<4).map { Self.item("\($0)", [$0 < 2 ? "x" : "y"], "\($0 % 2)") })
            .folds
        #expect(two.map(\.valid) == [[], []] && two.map(\.test) == [[0, 2], [1, 3]])
    }

    @Test func validationIsTakenFromTrainingByGroups() throws {
        let items = (0..<40).map {
            Self.item("\($0)", [$0 % 2 == 0 ? "x" : "y"], $0 < 30 ? "train" : "test", group: "g\($0 / 3)")
        }
        let data = try LabelledDataset("task", items)
        let fold = try data.folds[0].withValidation(items, seed: 5)
        #expect(fold.valid.count == 6 && fold.train.count == 24 && fold.test == data.folds[0].test)
        #expect(Set(fold.valid.map { items[$0].group }).isDisjoint(with: fold.train.map { items[$0].group }))
        #expect(try data.folds[0].withValidation(items, seed: 5) == fold)
        #expect(try data.folds[0].withValidation(items, seed: 6) != fold)
    }

    @Test func leakingFoldsAreRefused() {
        let leak = Self.good.map { item in
            Self.item(item.id, item.labels, item.split, group: ["b", "d"].contains(item.id) ? "film 7" : item.id)
        }
        #expect(
            Self.message(leak)
                == "task: 'film 7' is in train ('b') and in test ('d') of fold 'test': what is measured "
                + "would have been learned")
        let folds = (0..<6).map { Self.item("\($0)", [$0 < 3 ? "x" : "y"], "fold\($0 % 3)", group: "film \($0 / 2)") }
        #expect(Self.message(folds).contains("is in"))
    }

    @Test func wrongLabelsAreNamed() {
        let none = Self.good + [Self.item("e", [], "train")]
        #expect(Self.message(none) == "task: item 'e' has no label, but the task gives each item one class")
        let two = Self.good + [Self.item("e", ["x", "y"], "train")]
        #expect(Self.message(two) == "task: item 'e' has 2 labels, but the task gives each item one class")
        let one = Self.good.map { Self.item($0.id, ["x"], $0.split) }
        #expect(Self.message(one) == "task: all 4 items have the label 'x': there is nothing to tell apart")
        #expect(
            Self.message(Self.good, vocabulary: ["x", "yy"])
                == "task: item 'b' has the label 'y', which is not in the vocabulary: did you mean 'x'?")
        let skewed = Self.good.map { Self.item($0.id, $0.split == "train" ? ["x"] : $0.labels, $0.split) }
        #expect(Self.message(skewed) == "task: the training items of fold 'test' have only the class 'x'")
        let empty = Self.good.map { Self.item($0.id, [], $0.split) }
        #expect(
            Self.message(empty, isMultiLabel: true) == "task: all 4 items have no label: there is nothing to tell apart"
        )
    }

    /// Folds that a dataset says it has, and numbers that leave one out.
    @Test func aMissingFoldIsAnErrorUnlessAskedFor() throws {
        func items(_ folds: [String]) -> [LabelledItem] {
            folds.flatMap { fold in ["x", "y"].map { Self.item("\(fold) \($0)", [$0], fold) } }
        }
        let stated = #expect(throws: KitError.self) {
            try LabelledDataset("task", items(["a", "b"]), parts: ["a", "b", "c"], missing: .skip)
        }
        #expect(
            stated?.message
                == "task: is not complete: 1 of 3 parts has no items: c (there are: a with 2, b with 2); "
                + "missing = \"parts\" measures without them")
        let data = try LabelledDataset("task", items(["a", "b"]), parts: ["a", "b", "c"], missing: .parts)
        #expect(data.folds.count == 2 && data.leftOut == ["c"])
        for (folds, absent) in [
            (["fold1", "fold2", "fold4"], "fold3"), (["fold01", "fold02", "fold10"], "fold03, fold04, fold05"),
            (["2", "3"], "1"), (["fold00", "fold02"], "fold01"),
        ] {
            #expect(Self.message(items(folds)).contains("no items: \(absent)"), "\(folds)")
            #expect(try LabelledDataset("task", items(folds), missing: .parts).folds.count == folds.count)
        }
        for folds in [["fold1", "fold2"], ["0", "1", "2"], ["2016", "2019"], ["north", "south"], ["a1", "b3"]] {
            #expect(try LabelledDataset("task", items(folds)).folds.count == folds.count)
        }
    }

    @Test func wrongSplitsAndIdsAreNamed() {
        #expect(
            Self.message(Self.good.map { Self.item($0.id, $0.labels, "train") }).contains("needs both train and test"))
        #expect(Self.message(Self.good.map { Self.item($0.id, $0.labels, "fold1") }).contains("one fold only, 'fold1'"))
        #expect(Self.message(Self.good + [Self.item("e", ["x"], "fold1")]).contains("in addition to folds"))
        #expect(Self.message(Self.good + [Self.item("a", ["x"], "train")]) == "task: the id 'a' comes twice")
        #expect(Self.message([]) == "task: has no items")
    }

    @Test func missingFilesAreAnErrorOrLeftOut() throws {
        try Fixtures.withTemporaryFolder { folder in
            let there = folder.appendingPathComponent("there.wav").path
            try SoundFiles.write(there, text: "sound")
            let empty = folder.appendingPathComponent("empty.wav").path
            try SoundFiles.write(empty, text: "")
            func items(_ paths: [String: String]) -> [LabelledItem] {
                Self.good.map { Self.item($0.id, $0.labels, $0.split, path: paths[$0.id] ?? there) }
            }
            let one = items(["c": folder.path + "/gone.wav"])
            #expect(
                Self.message(one)
                    == "task: is not complete: 1 of 4 files is missing, such as \(folder.path)/gone.wav "
                    + "(missing = \"skip\" leaves them out)")
            #expect(
                Self.message(items(["b": empty, "c": folder.path]))
                    == "task: is not complete: 1 of 4 files is missing, such as \(folder.path); 1 of 4 files is empty, such "
                    + "as \(empty) (missing = \"skip\" leaves them out)")
            let data = try LabelledDataset("task", one, missing: .skip)
            #expect(data.items.map(\.id) == ["a", "b", "d"] && data.sources.count == 3)
            #expect(data.leftOut == ["\(folder.path)/gone.wav"])
            #expect(data.scriptDescription.hasSuffix(", without 1 file or part that is missing"))
            // Tracks of their own count as well.
            var source = ClipSource(id: "a", path: there)
            source.tracks = [SourceTrack(language: try Language("es"), path: folder.path + "/es.wav")]
            let error = #expect(throws: KitError.self) { try LabelledDataset("task", items([:]), sources: [source]) }
            #expect(error?.message.contains("1 of 4 files is missing, such as \(folder.path)/es.wav") == true)
        }
    }
}
