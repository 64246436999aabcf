import Foundation
import Kit
import Plugins
import TestSupport
import Testing

/// Tasks of HEAR 2021 as its preprocessing writes them, in miniature.
extension AdapterTests {
    private static func hear(_ metadata: String, folds: Bool = false) -> [String: String] {
        let splits = folds ? ["fold00", "fold01", "fold02"] : ["train", "valid", "test"]
        return Dictionary(
            uniqueKeysWithValues: splits.map {
                ("\($0).json", "{\"\($0)-a.wav\": [\"dog\"], \"\($0)-b.wav\": \"cat\"}")
            }
                + [("task_metadata.json", metadata), ("labelvocabulary.csv", "idx,label\n0,cat\n1,dog\n")])
    }

    @Test(arguments: [false, true]) func hear(folds: Bool) throws {
        let metadata =
            "{\"task_name\": \"mini\", \"version\": \"hear2021\", \"embedding_type\": \"scene\", \"prediction_type\": \"multiclass\", \"sample_duration\": 1.0}"
        let splits = folds ? ["fold00", "fold01", "fold02"] : ["train", "valid", "test"]
        let sounds = splits.flatMap { ["48000/\($0)/\($0)-a.wav", "48000/\($0)/\($0)-b.wav"] }
        try Self.tree(Self.hear(metadata, folds: folds), sounds: sounds) { path in
            let data = try Self.make("hear", [("path", .string(path))])
            #expect(data.name == "mini" && data.folds.count == (folds ? 3 : 1) && data.items.count == 6)
            #expect(data.labels.classes == ["cat", "dog"] && data.labels.rows == [[1], [0], [1], [0], [1], [0]])
            let rate = Self.message("hear", [("path", .string(path)), ("sample_rate", .int(16000))])
            #expect(rate.contains("there are no sounds at 16000 Hz (there are: 48000)"))
            guard !folds else { return }
            try FileManager.default.removeItem(atPath: "\(path)/valid.json")
            #expect(
                Self.message("hear", [("path", .string(path))]).contains(
                    "the task is not complete: there is no valid.json, 1 of 3 lists"))
        }
    }

    /// The metadata says what there is to be; where it does not, lists, folders of sounds and numbers do.
    @Test(arguments: [
        ("\"split_mode\": \"new_split_kfold\", \"nfolds\": 3, ", "fold02"),
        ("\"splits\": [\"fold00\", \"fold01\", \"fold02\"], ", "fold00"), ("", "fold01"), ("", "fold02"),
    ]) func aHEARTaskThatLacksAFoldIsRefused(says: String, gone: String) throws {
        let metadata =
            "{\(says)\"task_name\": \"mini\", \"embedding_type\": \"scene\", \"prediction_type\": \"multiclass\"}"
        let splits = ["fold00", "fold01", "fold02"]
        let sounds = splits.flatMap { ["48000/\($0)/\($0)-a.wav", "48000/\($0)/\($0)-b.wav"] }
        try Self.tree(Self.hear(metadata, folds: true), sounds: sounds) { path in
            #expect(try Self.make("hear", [("path", .string(path))]).folds.count == 3)
            try FileManager.default.removeItem(atPath: "\(path)/\(gone).json")
            let there = splits.filter { $0 != gone }
            #expect(
                Self.message("hear", [("path", .string(path))]).hasSuffix(
                    "the task is not complete: there is no \(gone).json, 1 of 3 lists (there are: "
                        + "\(there.joined(separator: ", "))); missing = \"parts\" measures without"))
            let part = try Self.make("hear", [("path", .string(path)), ("missing", .string("parts"))])
            #expect(part.folds.map(\.name) == there && part.leftOut == [gone])
            try SoundFiles.write("\(path)/\(gone).json", text: "{\"\(gone)-a.wav\": \"cat\"}")
            try SoundFiles.write("\(path)/48000/\(gone)/\(gone)-a.wav", text: "")
            #expect(Self.message("hear", [("path", .string(path))]).contains("1 of 5 files is empty"))
            guard !says.isEmpty else { return }
            try SoundFiles.write("\(path)/fold03.json", text: "{}")
            #expect(
                Self.message("hear", [("path", .string(path))]).contains("fold03.json exists, but task_metadata.json")
            )
        }
    }

    /// NSynth's pitches and LibriCount's counts of speakers are numbers in the lists.
    @Test func hearLabelsMayBeNumbers() throws {
        var files = Self.hear(
            "{\"task_name\": \"mini\", \"embedding_type\": \"scene\", \"prediction_type\": \"multiclass\"}")
        files["labelvocabulary.csv"] = "idx,label\n0,60\n1,108\n"
        for split in ["train", "valid", "test"] {
            files["\(split).json"] = "{\"\(split)-a.wav\": [108], \"\(split)-b.wav\": 60}"
        }
        let sounds = ["train", "valid", "test"].flatMap { ["48000/\($0)/\($0)-a.wav", "48000/\($0)/\($0)-b.wav"] }
        try Self.tree(files, sounds: sounds) { path in
            let data = try Self.make("hear", [("path", .string(path))])
            #expect(data.labels.classes == ["60", "108"] && data.labels.rows == [[1], [0], [1], [0], [1], [0]])
            try SoundFiles.write("\(path)/test.json", text: "{\"test-a.wav\": [0.5]}")
            let message = Self.message("hear", [("path", .string(path))])
            #expect(message.contains("a label of 'test-a.wav' is number 0.5, not a string or a whole number"))
        }
    }

    /// DCASE 2016 task 2 as HEAR distributes it, with MAESTRO's additions: numbers as labels, its own grid, folds.
    private static func hearEvents(
        evaluation: String = "[\"event_onset_200ms_fms\", \"segment_1s_er\"]", parameters: String = "", list: String
    ) -> [String: String] {
        var files = Dictionary(uniqueKeysWithValues: ["train", "valid", "test"].map { ("\($0).json", list) })
        files["task_metadata.json"] =
            "{\"task_name\": \"mini\", \"embedding_type\": \"event\", \"prediction_type\": \"multilabel\", "
            + "\(parameters)\"evaluation\": \(evaluation)}"
        files["labelvocabulary.csv"] = "idx,label\n0,60\n1,bell\n"
        return files
    }

    private static let eventSounds = ["train", "valid", "test"].map { "48000/\($0)/a.wav" }

    @Test func hearEvents() throws {
        let list =
            "{\"a.wav\": [{\"label\": \"bell\", \"start\": 100.5, \"end\": 400}, {\"label\": 60, \"start\": 0, \"end\": 100}]}"
        try Self.tree(Self.hearEvents(list: list), sounds: Self.eventSounds) { path in
            let data = try Self.make("hear", [("path", .string(path))])
            let task = try #require(data.eventTask)
            #expect(data.items.map(\.id) == ["test/a.wav", "train/a.wav", "valid/a.wav"].sorted(by: Self.inSplits))
            #expect(data.labels.isMultiLabel && data.labels.rows == [[0, 1], [0, 1], [0, 1]])
            #expect(
                task.events["train/a.wav"] == [
                    SoundEvent(label: 1, start: 100.5, end: 400), SoundEvent(label: 0, start: 0, end: 100),
                ])
            #expect(task.measures == ["event_onset_200ms_fms", "segment_1s_er"] && task.filters == EventFilter.usual)
            #expect(!task.choosesByLoss)
            #expect(task.labels(of: "train/a.wav", at: [0, 100, 101, 400, 450]) == [[0], [0], [1], [1], []])
        }
        let grid =
            "\"use_scoring_for_early_stopping\": false, \"evaluation_params\": {\"event_postprocessing_grid\": "
            + "{\"median_filter_ms\": [150], \"min_duration\": [0, 50]}}, "
        try Self.tree(Self.hearEvents(parameters: grid, list: list), sounds: Self.eventSounds) { path in
            let task = try #require(try Self.make("hear", [("path", .string(path))]).eventTask)
            #expect(task.filters == [EventFilter(median: 150, least: 50), EventFilter(median: 150, least: 0)])
            #expect(task.choosesByLoss)
        }
    }

    private static func inSplits(_ a: String, _ b: String) -> Bool {
        let order = ["train", "valid", "test"]
        func place(_ id: String) -> Int { order.firstIndex { id.hasPrefix($0) } ?? order.count }
        return place(a) < place(b)
    }

    @Test(arguments: [
        (
            "{\"label\": \"bel\", \"start\": 0, \"end\": 1}",
            "has the label 'bel', which is not in the vocabulary: did you mean"
        ),
        ("{\"label\": \"bell\", \"end\": 1}", "an event of 'a.wav' has no 'start'"),
        ("{\"label\": \"bell\", \"start\": \"0\", \"end\": 1}", "'start' of an event of 'a.wav' must be milliseconds"),
        ("{\"label\": \"bell\", \"start\": 5, \"end\": 1}", "ends at 1.0 ms, before its start at 5.0"),
        ("7", "an event of 'a.wav' is"),
    ]) func badHEAREventsAreNamed(event: String, words: String) throws {
        try Self.tree(Self.hearEvents(list: "{\"a.wav\": [\(event)]}"), sounds: Self.eventSounds) { path in
            let message = Self.message("hear", [("path", .string(path))])
            #expect(message.contains(words), "\(message)")
        }
    }

    @Test func aHEAREventTaskWithoutFiguresIsRefused() throws {
        let list = "{\"a.wav\": [{\"label\": \"bell\", \"start\": 0, \"end\": 1}]}"
        try Self.tree(Self.hearEvents(evaluation: "[]", list: list), sounds: Self.eventSounds) { path in
            #expect(Self.message("hear", [("path", .string(path))]).contains("'evaluation' must be a list of measures"))
        }
    }
}
