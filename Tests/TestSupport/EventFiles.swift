import Foundation
import Kit

/// A miniature event task in the layout of HEAR 2021: tones of two pitches in near silence, and lists that say when.
public enum EventFiles {
    private static let rate = 16000

    /// Writes it into a folder: eight recordings of 4 s with four tones each.
    public static func write(_ folder: String) throws {
        for (split, count) in [("train", 4), ("valid", 2), ("test", 2)] {
            var random = RandomStream(seed: 5).derived(split)
            let lists = try (0..<count).map { number -> String in
                var sound = Waveform(channels: 1, count: 4 * rate, sampleRate: rate)
                for index in sound.values.indices { sound.values[index] = Float(random.normal()) * 1e-3 }
                let events = (0..<4).map { tone(in: $0, &sound, &random) }
                let name = "\(split)\(number).wav"
                try FileManager.default.createDirectory(
                    atPath: "\(folder)/\(rate)/\(split)", withIntermediateDirectories: true)
                try sound.write("\(folder)/\(rate)/\(split)/\(name)")
                return "\"\(name)\": [\(events.joined(separator: ", "))]"
            }
            try SoundFiles.write("\(folder)/\(split).json", text: "{\(lists.joined(separator: ", "))}")
        }
        try SoundFiles.write("\(folder)/labelvocabulary.csv", text: "idx,label\n0,low\n1,high\n")
        try SoundFiles.write(
            "\(folder)/task_metadata.json",
            text: """
                {"task_name": "tones", "embedding_type": "event", "prediction_type": "multilabel", "sample_duration": 4,
                 "evaluation": ["event_onset_200ms_fms", "segment_1s_er"]}
                """)
    }

    /// Adds a tone within one second, and gives its line of the list.
    private static func tone(in second: Int, _ sound: inout Waveform, _ random: inout RandomStream) -> String {
        let label = random.index(below: 2)
        let start = second * 1000 + 50 * random.index(below: 8)
        let end = start + 300 + 50 * random.index(below: 4)
        for sample in start * rate / 1000..<end * rate / 1000 {
            sound.values[sample] += 0.3 * Float(sin(Double(sample) * (label == 0 ? 0.1 : 0.9)))
        }
        return "{\"label\": \"\(["low", "high"][label])\", \"start\": \(start), \"end\": \(end)}"
    }
}
