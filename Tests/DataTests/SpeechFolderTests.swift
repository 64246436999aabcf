import Foundation
import Kit
import Plugins
import TestSupport
import Testing

/// Speech with its texts in the layouts of Kaldi and LibriSpeech.
@Suite struct SpeechFolderTests {
    private func facts(_ source: ClipSource, in root: String) -> String {
        let labels =
            (try? JSONText.compact(JSONOption(source.labels))).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let path = source.mainPath.replacingOccurrences(of: root, with: "")
        return "\(source.id) of \(source.film) \(path) \(source.start)+\(source.duration ?? -1) "
            + "\(source.split?.rawValue ?? "-") \(labels)"
    }

    private let kaldi = [
        "wav.scp": "rec2 wav/two.wav\n\nrec1\twav/one.wav \n",
        "segments": "a-1 rec1 0.1 0.5\na-2 rec1 0.25 -1\nb-1 rec2 0 0.4\nb-2 rec1 0 0.2\na-3 rec2 0 0.3\n",
        "text": "a-1 hello  world\nb-1 ünï\n",
        "utt2spk": "a-1 a\na-2 a\na-3 a\nb-1 b\nb-2 b\n", "spk2gender": "a f\n",
    ]

    @Test func kaldiFoldersAreRead() throws {
        try AdapterTests.tree(kaldi, sounds: ["wav/one.wav", "wav/two.wav"]) { path in
            let sources = try Manifest.read(path)
            #expect(
                sources.map { facts($0, in: path) } == [
                    #"a-1 of rec1 /wav/one.wav 0.1+0.4 - {"gender":"f","speaker":"a","text":"hello  world"}"#,
                    #"a-2 of rec1 /wav/one.wav 0.25+-1.0 - {"gender":"f","speaker":"a"}"#,
                    #"b-1 of rec2 /wav/two.wav 0.0+0.4 - {"speaker":"b","text":"ünï"}"#,
                    #"b-2 of rec1 /wav/one.wav 0.0+0.2 - {"speaker":"b"}"#,
                    #"a-3 of rec2 /wav/two.wav 0.0+0.3 - {"gender":"f","speaker":"a"}"#,
                ])
            let data = try AdapterTests.make(
                "manifest", [("path", .string(path)), ("label", .string("speaker")), ("folds", .int(2))])
            #expect(data.items.map(\.labels) == [["a"], ["a"], ["b"], ["b"], ["a"]])
            try FileManager.default.removeItem(atPath: "\(path)/segments")
            for file in ["text", "utt2spk"] { try SoundFiles.write("\(path)/\(file)", text: "rec1 x\n") }
            #expect(
                try Manifest.read(path).map { facts($0, in: path) } == [
                    "rec2 of rec2 /wav/two.wav 0.0+-1.0 - null",
                    #"rec1 of rec1 /wav/one.wav 0.0+-1.0 - {"speaker":"x","text":"x"}"#,
                ])
            // Relative paths from elsewhere.
            try FileManager.default.moveItem(atPath: "\(path)/wav", toPath: "\(path)/moved")
            try FileManager.default.createSymbolicLink(atPath: "\(path)/root", withDestinationPath: "moved")
            try SoundFiles.write("\(path)/wav.scp", text: "rec1 one.wav\nrec2 \(path)/moved/two.wav\n")
            #expect(
                try Manifest.read(path, dataRoot: "\(path)/root").map {
                    FileManager.default.fileExists(atPath: $0.mainPath)
                } == [true, true])
        }
    }

    @Test func wrongKaldiFoldersAreRefused() throws {
        let advice = "convert its sound to a file of its own"
        for (file, text, expected) in [
            (
                "wav.scp", "rec1 sph2pipe -f wav x.sph |\n",
                "wav.scp:1: recording 'rec1' is a command ('sph2pipe -f wav x.sph |'), and no command in data is run: \(advice)"
            ),
            ("wav.scp", "rec1 raw.ark:1234\n", "wav.scp:1: recording 'rec1' is a part of an archive ('raw.ark:1234')"),
            ("wav.scp", "rec1 -\n", "wav.scp:1: recording 'rec1' has no file"),
            ("wav.scp", "rec1\n", "wav.scp:1: recording 'rec1' has no file"),
            ("wav.scp", "\n", "wav.scp: lists no recordings"),
            ("wav.scp", "rec1 a.wav\nrec1 b.wav\n", "wav.scp:2: 'rec1' is already in"),
            ("segments", "u rec1 0.5\n", "segments:1: expected an utterance, its recording, start and end in seconds"),
            ("segments", "u rec1 0.5 0x9\n", "segments:1: expected an utterance"),
            (
                "segments", "u rec1 0.5 0.5\n",
                "segments:1: utterance 'u' from 0.5 to 0.5 s: expected an end after the start"
            ),
            ("segments", "u rec1 nan 1\n", "segments:1:"),
            ("segments", "u rec3 0 1\n", "segments:1: 'rec3' is not a recording: did you mean 'rec1'?"),
            ("segments", "\n", "segments: lists no utterances"),
            ("text", "a-9 x\n", "text:1: 'a-9' is not an utterance: did you mean 'a-1'?"),
            ("utt2spk", "a-1 a\na-1 b\n", "utt2spk:2: 'a-1' is already in"),
        ] {
            var files = kaldi
            files[file] = text
            try AdapterTests.tree(files) { path in
                let message = #expect(throws: KitError.self) { try Manifest.read(path) }?.message ?? ""
                #expect(message.hasPrefix("\(path)/\(expected)"), "\(message)")
            }
        }
    }

    private let chapters = [
        "train-clean-100/84/121123/84-121123.trans.txt":
            "84-121123-0000 GO DO\n84-121123-0001 YOU HEAR\n84-121123-0009 GONE\n",
        "test-clean/61/70968/61-70968.trans.txt": "61-70968-0000 HE BEGAN\n",
    ]
    private let sounds = [
        "train-clean-100/84/121123/84-121123-0000.flac", "train-clean-100/84/121123/84-121123-0001.flac",
        "train-clean-100/84/121123/84-121123-0002.flac", "test-clean/61/70968/61-70968-0000.flac",
    ]

    @Test func libriSpeechTreesAreRead() throws {
        try AdapterTests.tree(chapters) { path in
            for sound in sounds {
                try FilmFiles.write("\(path)/\(sound)", seconds: 0.3, languages: ["und"], hasVideo: false)
            }
            let list = try Manifest.list(path)
            let clean = #""subset":"train-clean-100""#
            #expect(
                list.sources.map {
                    facts($0, in: path).replacingOccurrences(of: "train-clean-100/84/121123/", with: "~")
                } == [
                    #"test-clean/61/70968/61-70968-0000 of 61/70968 /test-clean/61/70968/61-70968-0000.flac 0.0+-1.0 held_out {"speaker":"61","subset":"test-clean","text":"HE BEGAN"}"#,
                    "~84-121123-0000 of 84/121123 /~84-121123-0000.flac 0.0+-1.0 train {\"speaker\":\"84\",\(clean),\"text\":\"GO DO\"}",
                    "~84-121123-0001 of 84/121123 /~84-121123-0001.flac 0.0+-1.0 train {\"speaker\":\"84\",\(clean),\"text\":\"YOU HEAR\"}",
                    "~84-121123-0002 of 84/121123 /~84-121123-0002.flac 0.0+-1.0 train {\"speaker\":\"84\",\(clean)}",
                ])
            #expect(
                SkippedFile.lines(list.skipped) == [
                    "train-clean-100/84/121123/84-121123-0009: a transcript without a sound"
                ])
            // One subset states no split.
            #expect(try Manifest.read("\(path)/test-clean").map(\.split) == [nil])
            #expect(try Manifest.read("\(path)/train-clean-100/84/121123").compactMap(\.split).isEmpty)
            // The labels stay when the tree is packed.
            _ = try TarPacking(list).write(to: "\(path).packed")
            defer { try? FileManager.default.removeItem(atPath: "\(path).packed") }
            let packed = try Manifest.read("\(path).packed")
            #expect(packed.map(\.id) == list.sources.map(\.id) && packed.map(\.split) == list.sources.map(\.split))
            try SoundFiles.write("\(path)/test-clean/61/70968/61-70968.trans.txt", text: "61-70968-0000\n")
            #expect { try Manifest.read(path) } throws: {
                "\($0)".contains("61-70968.trans.txt:1: expected the name of a sound and its text")
            }
        }
    }

    @Test func textsOfSpeakersStayTogether() throws {
        try AdapterTests.tree(kaldi, sounds: ["wav/one.wav", "wav/two.wav"]) { path in
            func films(_ options: [(key: String, value: OptionValue)]) throws -> String {
                let plugin = try PluginRegistry.shared.make(
                    kind: "dataset", name: "transcripts",
                    options: Options(named: [("path", .string(path)), ("missing", .string("skip"))] + options))
                guard case .list(let items)? = try plugin.construct() as? OptionValue else { return "" }
                return items.map { item in
                    guard case .table(let fields) = item,
                        case .string(let film)? = fields.named.first(where: { $0.key == "film" })?.value
                    else { return "?" }
                    return film
                }.joined(separator: " ")
            }
            #expect(try films([]) == "rec1 rec2")
            #expect(try films([("group", .string("speaker"))]) == "a b")
            #expect { try films([("group", .string("speakers"))]) } throws: {
                "\($0)".contains("has no text 'speakers' among its labels: did you mean 'speaker'?")
            }
            let options: [(key: String, value: OptionValue)] = [
                ("path", .string(path)), ("label", .string("speaker")), ("folds", .int(2)),
            ]
            let data = try AdapterTests.make("manifest", options)
            #expect(data.items.map(\.group) == ["rec1", "rec1", "rec2", "rec1", "rec2"])
            // Then nobody who is tested can have been learned.
            let message = AdapterTests.message("manifest", options + [("group", .string("speaker"))])
            #expect(message.hasPrefix("speaker: the training items of fold 'fold0' have only the class"), "\(message)")
        }
    }
}
