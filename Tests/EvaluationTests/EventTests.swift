import Foundation
import Kit
import Plugins
import TestSupport
import Testing

/// Sound events against HEAR's evaluation kit and sed_eval: Tests/Oracle/events.py.
@Suite(.serialized) struct EventTests {
    private struct Reference: Decodable {
        struct Filtered: Decodable {
            let frames: Int
            let hop: Double
            let median: Double
            let least: Double
            let events: [[Double]]
        }
        struct Measured: Decodable {
            let reference: [[[Double]]]
            let estimated: [[[Double]]]
            let values: [String: Double]
        }
        let classes: Int
        let filters: [Filtered]
        let cases: [Measured]

        static func read() throws -> Reference {
            let path = Fixtures.folder().appendingPathComponent("events.json")
            return try JSONDecoder().decode(Reference.self, from: try Data(contentsOf: path))
        }
    }

    @Test func eventsOfFramesAreHEARs() throws {
        let reference = try Reference.read()
        #expect(reference.filters.count == 19)
        for each in reference.filters {
            let scores = Pattern.tensor("events/frames \(each.frames)", [each.frames, reference.classes], 0, 1)
            let found = EventFilter(median: each.median, least: each.least).events(
                scores, times: (0..<each.frames).map { Double($0) * each.hop }, above: 0.5)
            #expect(found.map { [Double($0.label), $0.start, $0.end] } == each.events, "\(each)")
        }
    }

    @Test func resultsAreSedEvals() throws {
        let reference = try Reference.read()
        #expect(reference.cases.count == 4)
        func events(_ rows: [[Double]]) -> [SoundEvent] {
            rows.map { SoundEvent(label: Int($0[0]), start: $0[1], end: $0[2]) }
        }
        for (number, each) in reference.cases.enumerated() {
            #expect(each.values.count == 4)
            for (name, expected) in each.values {
                let measure = try #require(EventMeasure(rawValue: name))
                let counts = zip(each.reference, each.estimated).map { measure.counts(events($0), events($1)) }
                let value = try #require(measure.value(counts))
                #expect(abs(value - expected) < 1e-12, "case \(number), \(name): \(value), expected \(expected)")
            }
        }
    }

    @Test func nothingFoundIsNothingAndNothingThereHasNoFigure() {
        let event = SoundEvent(label: 0, start: 0, end: 900)
        for measure in EventMeasure.allCases {
            #expect(measure.value([measure.counts([event], [])]) == (measure.isError ? 1 : 0))
            #expect(measure.value([measure.counts([event], [event])]) == (measure.isError ? 0 : 1))
            #expect(measure.value([measure.counts([], [event])]) == nil)
        }
    }

    private static func withTask(_ body: (_ path: String) throws -> Void) throws {
        try Fixtures.withTemporaryFolder { folder in
            try EventFiles.write(folder.path)
            try body(folder.path)
        }
    }

    private static func make<Made>(_ kind: String, _ name: String, _ options: [(key: String, value: OptionValue)] = [])
        throws -> Made
    {
        let plugin = try PluginRegistry.shared.make(kind: kind, name: name, options: Options(named: options))
        return try #require(try plugin.construct() as? Made)
    }

    private static func embedding(_ data: LabelledDataset) throws -> FeatureExtraction {
        var (clips, mel) = (ClipSettings(), LogMel.Settings())
        (mel.sampleRate, mel.fftSize, mel.hop, mel.mels, mel.highest) = (16000, 512, 256, 24, 8000)
        (clips.seconds, clips.mel) = (3, try LogMel(mel))
        let module: Module = try make("encoder", "mean_log_mel", [("mels", .int(24))])
        var embedding = FeatureExtraction(
            data.sources, clips: clips, encoders: [try .init(name: "audio", module: module)], fingerprint: "mean")
        (embedding.unit, embedding.batch, embedding.grid.window) = (.timestamp, 32, 0.2)
        return embedding
    }

    @Test func tonesAreFoundInTime() throws {
        try Self.withTask { path in
            let data: LabelledDataset = try Self.make("dataset", "hear", [("path", .string(path))])
            let features = try Self.embedding(data).run()[0]
            // 4 s every 50 ms, both ends counted.
            #expect(features.ids.count == 8 * 81 && features.ids.contains("test/test0.wav@1250"))
            func evaluate(_ probe: String, _ options: [(key: String, value: OptionValue)] = []) throws -> [String:
                Double]
            {
                let probe: any Probe = try Self.make("probe", probe, options)
                let evaluation: any Evaluation = try Self.make(
                    "evaluate", "events",
                    [
                        ("data", .object(data)), ("features", .object(features)), ("probe", .object(probe)),
                        ("resamples", .int(100)),
                    ])
                return Dictionary(uniqueKeysWithValues: try evaluation.evaluate().results)
            }
            let mlp = try evaluate("mlp", [("hidden", .int(32)), ("epochs", .int(60)), ("points", .int(2))])
            let (found, errors) = (mlp["event_onset_200ms_fms/value"]!, mlp["segment_1s_er/value"]!)
            #expect(found > 0.9 && errors < 0.15 && mlp["items"] == 2, "\(mlp)")
            #expect(mlp["event_onset_200ms_fms/low"]! <= found && mlp["chosen/test/median"] == 250)
            #expect(try evaluate("knn")["event_onset_200ms_fms/value"]! > 0.8)
            #expect(try evaluate("majority")["event_onset_200ms_fms/value"] == 0)
        }
    }

    /// Where the task says so, as MAESTRO does, a probe is chosen by its loss and not by the events that it finds.
    @Test func aTaskMayLeaveTheChoiceToTheLoss() throws {
        try Self.withTask { path in
            let read: LabelledDataset = try Self.make("dataset", "hear", [("path", .string(path))])
            let features = try Self.embedding(read).run()[0]
            let times = try #require(read.eventTask)
            for choosesByLoss in [false, true] {
                let task = EventTask(events: times.events, measures: times.measures, choosesByLoss: choosesByLoss)
                let data = try LabelledDataset("tones", read.items, isMultiLabel: true, events: task)
                let asked = AskingProbe()
                let evaluation: any Evaluation = try Self.make(
                    "evaluate", "events",
                    [
                        ("data", .object(data)), ("features", .object(features)), ("probe", .object(asked)),
                        ("resamples", .int(0)),
                    ])
                let results = try evaluation.evaluate().results
                #expect(results[0].value == 0 && asked.answers.count == 4, "\(results)")
                // Of logits of 0 and of probabilities of a half it is ln 2.
                let expected =
                    choosesByLoss ? [-0.693147, -0.693147, -100 * asked.active, 0] : [0, 0, 0, 1]
                for (answer, expected) in zip(asked.answers, expected) {
                    #expect(abs(answer - expected) < 1e-4, "by loss \(choosesByLoss): \(asked.answers), \(expected)")
                }
            }
        }
    }

    /// A row is what the encoder makes of the sound around its moment, with silence beyond the ends.
    @Test func timestampsAreWindowsAroundThem() throws {
        try Self.withTask { path in
            let data: LabelledDataset = try Self.make("dataset", "hear", [("path", .string(path))])
            var embedding = try Self.embedding(data)
            embedding.sources = [data.sources[0]]
            let whole = try embedding.run()[0]
            let sound = try MediaFile(data.sources[0].mainPath)
            let read = try sound.readAudio(track: sound.audioTracks[0], start: 0, duration: 4, sampleRate: 16000)
            let (mel, width) = (try #require(embedding.clips.mel), whole.values.shape[1])
            for (row, first) in [(0, -1600), (20, 16000 - 1600), (80, 64000 - 1600)] {
                var window = Waveform(channels: 2, count: 3200, sampleRate: 16000)
                for channel in 0..<2 {
                    for place in 0..<3200 where (0..<64000).contains(first + place) {
                        window.values[channel * 3200 + place] = read.values[channel * 64000 + first + place]
                    }
                }
                let input = Tensor(try mel(window), Shape([1] + mel.shape(channels: 2, samples: 3200).extents))
                let expected = try embedding.encoders[0].module(input)
                #expect(Array(whole.values.values[row * width..<(row + 1) * width]) == expected.values, "row \(row)")
            }
            // An interrupted embedding continues after whole batches.
            let journal = "\(path)/journal"
            _ = try embedding.run(journal: journal)
            let lines = try String(contentsOfFile: "\(journal)/batches.jsonl", encoding: .utf8).split(separator: "\n")
            try SoundFiles.write("\(journal)/batches.jsonl", text: lines.prefix(2).joined(separator: "\n") + "\n")
            let again = try embedding.run(journal: journal)[0]
            #expect(again.ids == whole.ids && again.values.values == whole.values.values)
        }
    }

    @Test func whatDoesNotFitIsNamed() throws {
        try Self.withTask { path in
            let data: LabelledDataset = try Self.make("dataset", "hear", [("path", .string(path))])
            let probe: any Probe = try Self.make("probe", "majority")
            func message(_ data: LabelledDataset, _ features: FeatureSet) -> String {
                #expect(throws: KitError.self) {
                    let evaluation: any Evaluation = try Self.make(
                        "evaluate", "events",
                        [("data", .object(data)), ("features", .object(features)), ("probe", .object(probe))])
                    _ = try evaluation.evaluate()
                }?.message ?? ""
            }
            var embedding = try Self.embedding(data)
            embedding.sources.removeLast()
            #expect(message(data, try embedding.run()[0]).contains("have no timestamps of 'test/test1.wav'"))
            embedding.unit = .source
            let means = try embedding.run()[0]
            #expect(message(data, means).contains("'train/train0.wav' is not a timestamp"))
            let untimed = try LabelledDataset("plain", data.items, isMultiLabel: true)
            #expect(message(untimed, means).contains("the labels of plain have no times"))
            (embedding.unit, embedding.clips.tracks) = (.timestamp, try TrackPlan(option: .string("en")))
            let tracks = #expect(throws: KitError.self) { try embedding.run() }
            #expect(tracks?.message.contains("timestamps use the first sound track of a source") == true)
        }
    }
}

/// Asks how well some scores fit the validation items: logits of 0, probabilities of a half and of 0, and the truth.
private final class AskingProbe: Probe {
    static let name = "asking"
    static let summary = "Asks how well scores fit."
    static let reference = "This test."
    let choosesByValidation = true
    var answers: [Double] = []
    /// The share of true labels among the validation items.
    var active = 0.0

    init() {}

    func fit(_ task: ProbeTask) throws -> FittedProbe {
        let labels = try #require(task.valid).labels
        let shape = [labels.count, labels.classes.count] as Shape
        let truth = Tensor.zeros(shape)
        for (row, classes) in labels.rows.enumerated() {
            for label in classes { truth.pointer[row * shape[1] + label] = 1 }
        }
        let half = Tensor([Float](repeating: 0.5, count: shape.count), shape)
        active = Double(truth.values.reduce(0, +)) / Double(shape.count)
        answers = [
            try task.fitness(.zeros(shape), 0), try task.fitness(half, 0.5), try task.fitness(.zeros(shape), 0.5),
            try task.fitness(truth, 0.5),
        ]
        return FittedProbe { .zeros([$0.shape[0], shape[1]]) }
    }
}
