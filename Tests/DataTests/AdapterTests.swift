import Foundation
import Kit
import Plugins
import TestSupport
import Testing

/// Datasets in the layouts in which they are distributed, in miniature.
@Suite struct AdapterTests {
    static func make(_ name: String, _ options: [(key: String, value: OptionValue)]) throws -> LabelledDataset {
        let plugin = try PluginRegistry.shared.make(kind: "dataset", name: name, options: Options(named: options))
        return try #require(try plugin.construct() as? LabelledDataset)
    }

    static func message(_ name: String, _ options: [(key: String, value: OptionValue)]) -> String {
        #expect(throws: KitError.self) { try make(name, options) }?.message ?? ""
    }

    /// Runs `body` with a folder that holds these text files, and a short sound for each of these names.
    static func tree(
        _ texts: [String: String], sounds: [String] = [], _ body: (String) throws -> Void
    ) throws {
        try Fixtures.withTemporaryFolder { folder in
            for (name, text) in texts { try SoundFiles.write("\(folder.path)/\(name)", text: text) }
            for name in sounds { try SoundFiles.write("\(folder.path)/\(name)", seconds: 0.1) }
            try body(folder.path)
        }
    }

    static func rows(_ data: LabelledDataset) -> [String] {
        data.items.map { "\($0.id) \($0.labels.joined(separator: "+")) \($0.split) \($0.group)" }
    }

    /// Lists of classes by name and number, each with a name that has two numbers or a number that has two names.
    @Test func classesThatContradictEachOtherAreRefused() throws {
        let esc50 = "filename,fold,target,category,esc10,src_file\na.wav,1,0,dog,True,1\nb.wav,1,0,cat,True,2\n"
        let urban = "slice_file_name,fsID,fold,classID,class\na.wav,1,1,3,dog\nb.wav,2,1,4,dog\n"
        let cases = [
            (
                "esc50", "meta/esc50.csv", esc50,
                "esc50.csv:3: target '0' has the category 'cat' here, but 'dog' in line 2"
            ),
            (
                "urbansound8k", "metadata/UrbanSound8K.csv", urban,
                "UrbanSound8K.csv:3: class 'dog' has the classID '4' here, but '3' in line 2"
            ),
            (
                "fsd50k", "FSD50K.ground_truth/vocabulary.csv", "0,Bark,/m/1\n0,Dog,/m/2\n",
                "vocabulary.csv:2: index '0' has the label 'Dog' here, but 'Bark' in line 1"
            ),
            (
                "audioset", "class_labels_indices.csv", "index,mid,display_name\n0,/m/1,Speech\n1,/m/1,Gush\n",
                "class_labels_indices.csv:3: mid '/m/1' has the display_name 'Gush' here, but 'Speech' in line 2"
            ),
        ]
        for (name, file, text, message) in cases {
            try Self.tree([file: text]) { path in
                let media: [(key: String, value: OptionValue)] = name == "audioset" ? [("media", .string(path))] : []
                #expect(Self.message(name, [("path", .string(path))] + media).contains(message))
            }
        }
    }

    /// Numbers in tables are decimal: "0x10" is none, and no 16.
    @Test func numbersInTablesAreDecimal() throws {
        let csv = "path,label,split,begin\na.wav,dog,train,0x10\nb.wav,cat,test,0\n"
        try Self.tree(["sounds.csv": csv], sounds: ["a.wav", "b.wav"]) { path in
            let message = Self.message("csv", [("path", .string("\(path)/sounds.csv")), ("start", .string("begin"))])
            #expect(message.hasSuffix("sounds.csv:2: column 'begin' must be a number, but is \"0x10\""))
        }
    }

    @Test func esc50() throws {
        let rows = (1...5).flatMap { fold in
            [
                "\(fold)-10-A-0.wav,\(fold),0,dog,True,10\(fold),A",
                "\(fold)-20-A-1.wav,\(fold),1,rain,False,20\(fold),A",
                "\(fold)-30-A-2.wav,\(fold),2,clock,True,30\(fold),A",
            ]
        }
        let csv = "filename,fold,target,category,esc10,src_file,take\n" + rows.joined(separator: "\n") + "\n"
        let sounds = rows.map { "audio/" + $0.components(separatedBy: ",")[0] }
        try Self.tree(["meta/esc50.csv": csv], sounds: sounds) { path in
            let data = try Self.make("esc50", [("path", .string(path))])
            #expect(data.items.count == 15 && data.folds.count == 5 && data.labels.classes == ["clock", "dog", "rain"])
            #expect(Self.rows(data)[4] == "2-20-A-1.wav rain fold2 202")
            #expect(data.folds[4].test == [12, 13, 14] && data.folds[4].valid == [0, 1, 2])
            #expect(try MediaFile(data.sources[0].mainPath).audioTracks.count == 1)
            let ten = try Self.make("esc50", [("path", .string(path)), ("esc10", .bool(true))])
            #expect(ten.items.count == 10 && ten.name == "esc10")
            try FileManager.default.removeItem(atPath: "\(path)/audio/3-10-A-0.wav")
            #expect(Self.message("esc50", [("path", .string(path))]).contains("1 of 15 files is missing"))
            let rest = rows.filter { !$0.contains("wav,3,") }.joined(separator: "\n")
            try SoundFiles.write(
                "\(path)/meta/esc50.csv", text: "filename,fold,target,category,esc10,src_file,take\n" + rest)
            let message = Self.message("esc50", [("path", .string(path))])
            #expect(
                message.contains("esc50: is not complete: 1 of 5 parts has no items: fold3 (there are: fold1 with 3,"))
            let part = try Self.make("esc50", [("path", .string(path)), ("missing", .string("parts"))])
            #expect(part.folds.count == 4 && part.leftOut == ["fold3"])
        }
        #expect(Self.message("esc50", [("path", .string("/nowhere"))]).contains("is the dataset complete?"))
    }

    @Test func urbansound8k() throws {
        let rows = (1...10).flatMap { fold in
            [
                "\(fold)00-3-0-0.wav,\(fold)00,0,4,1,\(fold),3,dog_bark",
                "\(fold)01-8-0-0.wav,\(fold)01,0,4,2,\(fold),8,siren",
            ]
        }
        let csv = "slice_file_name,fsID,start,end,salience,fold,classID,class\n" + rows.joined(separator: "\n")
        let sounds = rows.map {
            "audio/fold" + $0.components(separatedBy: ",")[5] + "/" + $0.components(separatedBy: ",")[0]
        }
        try Self.tree(["metadata/UrbanSound8K.csv": csv], sounds: sounds) { path in
            let data = try Self.make("urbansound8k", [("path", .string(path))])
            #expect(data.folds.map(\.name).last == "fold10" && data.folds.count == 10)
            #expect(Self.rows(data)[0] == "100-3-0-0.wav dog_bark fold01 100")
            try FileManager.default.removeItem(atPath: "\(path)/audio/fold10")
            let message = Self.message("urbansound8k", [("path", .string(path))])
            #expect(message.contains("2 of 20 files are missing, such as \(path)/audio/fold10/1000-3-0-0.wav"))
            // Files were given up, not a whole fold.
            let skipped = Self.message("urbansound8k", [("path", .string(path)), ("missing", .string("skip"))])
            #expect(skipped.contains("1 of 10 parts has no items: fold10"))
        }
    }

    @Test func fsd50k() throws {
        let truth = "FSD50K.ground_truth"
        let texts = [
            "\(truth)/vocabulary.csv": "0,Bark,/m/1\n1,Dog,/m/2\n2,\"Wind_instrument,_woodwind_instrument\",/m/3\n",
            "\(truth)/dev.csv": "fname,labels,mids,split\n64760,\"Bark,Dog\",\"/m/1,/m/2\",train\n7,Dog,/m/2,val\n",
            "\(truth)/eval.csv": "fname,labels,mids\n37199,Bark,/m/1\n",
        ]
        let sounds = ["FSD50K.dev_audio/64760.wav", "FSD50K.dev_audio/7.wav", "FSD50K.eval_audio/37199.wav"]
        try Self.tree(texts, sounds: sounds) { path in
            let data = try Self.make("fsd50k", [("path", .string(path))])
            #expect(data.labels.isMultiLabel && data.labels.classes.count == 3)
            #expect(Self.rows(data) == ["64760 Bark+Dog train 64760", "7 Dog valid 7", "37199 Bark test 37199"])
            #expect(data.labels.rows == [[0, 1], [1], [0]])
            try SoundFiles.write(
                "\(path)/\(truth)/dev.csv", text: "fname,labels,mids,split\n64760,\"Bark,Dog\",\"/m/1,/m/2\",train\n")
            let message = Self.message("fsd50k", [("path", .string(path))])
            #expect(message.contains("1 of 3 parts has no items: valid (there are: test with 1, train with 1)"))
        }
    }

    @Test func speechCommands() throws {
        let files = ["yes", "no", "up"].flatMap { word in
            ["0a_nohash_0", "0a_nohash_1", "1b_nohash_0", "2c_nohash_0"].map { "\(word)/\($0).wav" }
        }
        func list(_ speaker: String) -> String { files.filter { $0.contains(speaker) }.joined(separator: "\n") + "\n" }
        let texts = ["validation_list.txt": list("1b_"), "testing_list.txt": list("2c_"), "README.md": "words"]
        try Self.tree(texts, sounds: files + ["_background_noise_/running_tap.wav"]) { path in
            let data = try Self.make("speech_commands", [("path", .string(path))])
            #expect(data.labels.classes == ["no", "up", "yes"] && data.items.count == 12)
            #expect(data.folds[0].train.count == 6 && data.folds[0].valid.count == 3 && data.folds[0].test.count == 3)
            #expect(Self.rows(data)[0] == "no/0a_nohash_0.wav no train 0a")
            let two = try Self.make(
                "speech_commands", [("path", .string(path)), ("words", .list([.string("yes"), .string("no")]))])
            #expect(two.labels.classes == ["no", "yes"])
            let slip = Self.message("speech_commands", [("path", .string(path)), ("words", .list([.string("yeas")]))])
            #expect(slip.contains("there is no 'yeas': did you mean 'yes'?"))
            // What the lists name must be there, whole words too; words that were not chosen need not.
            try FileManager.default.removeItem(atPath: "\(path)/up")
            let message = Self.message("speech_commands", [("path", .string(path))])
            #expect(message.contains("2 of 10 files are missing, such as \(path)/up/1b_nohash_0.wav"))
            let chosen: [(key: String, value: OptionValue)] = [
                ("path", .string(path)), ("words", .list([.string("yes"), .string("no")])),
            ]
            #expect(try Self.make("speech_commands", chosen).items.count == 8)
            for name in try FileManager.default.contentsOfDirectory(atPath: "\(path)/no") {
                try FileManager.default.removeItem(atPath: "\(path)/no/\(name)")
            }
            #expect(Self.message("speech_commands", chosen).contains("files are missing"))
            try SoundFiles.write("\(path)/testing_list.txt", text: "yes/2c_nohash_0.wav\n")
            try SoundFiles.write("\(path)/validation_list.txt", text: "yes/1b_nohash_0.wav\n")
            #expect(Self.message("speech_commands", chosen).contains("the folder 'no' has no sounds"))
        }
    }

    @Test func cremaD() throws {
        let files = (1001...1006).flatMap { actor in ["ANG", "SAD"].map { "AudioWAV/\(actor)_DFA_\($0)_XX.wav" } }
        try Self.tree([:], sounds: files) { path in
            let data = try Self.make("crema_d", [("path", .string(path)), ("folds", .int(3))])
            #expect(data.labels.classes == ["anger", "sadness"] && data.folds.count == 3)
            #expect(Self.rows(data)[1] == "1001_DFA_SAD_XX.wav sadness fold2 1001")
            try SoundFiles.write(
                "\(path)/SentenceFilenames.csv",
                text: "Stimulus_Number,Filename\n1,1002_DFA_ANG_XX\n2,1002_IEO_SAD_LO\n")
            let options: [(key: String, value: OptionValue)] = [("path", .string(path)), ("folds", .int(3))]
            #expect(
                Self.message("crema_d", options).contains(
                    "1 of 13 files is missing, such as \(path)/AudioWAV/1002_IEO_SAD_LO.wav"))
            try FileManager.default.removeItem(atPath: "\(path)/SentenceFilenames.csv")
            for emotion in ["ANG", "SAD"] {
                try FileManager.default.removeItem(atPath: "\(path)/AudioWAV/1003_DFA_\(emotion)_XX.wav")
            }
            #expect(Self.message("crema_d", options).contains("there are no files of 1 actor (1003), but of 5 others"))
            #expect(try Self.make("crema_d", options + [("missing", .string("parts"))]).items.count == 10)
            try SoundFiles.write("\(path)/AudioWAV/1001_DFA_WHY_XX.wav", text: "")
            #expect(
                Self.message("crema_d", [("path", .string(path))]).contains("expected <actor>_<sentence>_<emotion>"))
        }
    }

    @Test func vggsound() throws {
        let csv =
            "--0PQM4-hqg,30,waterfall burbling,train\nab-c,7,\"dog barking, bow-wow\",train\nxyz,100,waterfall burbling,test\n"
        let sounds = ["media/--0PQM4-hqg_000030.wav", "media/ab-c_000007.wav", "media/xyz_000100.wav"]
        try Self.tree(["vggsound.csv": csv], sounds: sounds) { path in
            let options: [(key: String, value: OptionValue)] = [
                ("path", .string("\(path)/vggsound.csv")), ("media", .string("\(path)/media")),
                ("pattern", .string("{id}_{start}.wav")),
            ]
            let data = try Self.make("vggsound", options)
            #expect(Self.rows(data)[1] == "ab-c_000007 dog barking, bow-wow train ab-c")
            let skipped = Self.message("vggsound", options.dropLast() + [("pattern", .string("{id}.wav"))])
            #expect(skipped == "vggsound: has no items")
        }
    }

    @Test func audioset() throws {
        let head =
            "# Segments csv created Sun Mar  5 10:54:31 2017\n# num_ytids=2, num_segs=2\n# YTID, start_seconds, end_seconds, positive_labels\n"
        let texts = [
            "class_labels_indices.csv":
                "index,mid,display_name\n0,/m/09x0r,\"Speech\"\n1,/t/dd00088,\"Gush\"\n2,/m/1,\"Male speech, man\"\n",
            "balanced_train_segments.csv": head
                + "--PJHxphWEs, 30.000, 40.000, \"/m/09x0r,/t/dd00088\"\nab, 0.000, 10.000, \"/m/09x0r\"\n",
            "eval_segments.csv": head + "cd, 20.500, 30.500, \"/m/1\"\n",
        ]
        try Self.tree(texts, sounds: ["wav/--PJHxphWEs.wav", "wav/ab.wav", "wav/cd.wav"]) { path in
            let options: [(key: String, value: OptionValue)] = [
                ("path", .string(path)), ("media", .string("\(path)/wav")), ("pattern", .string("{id}.wav")),
            ]
            let data = try Self.make("audioset", options)
            #expect(data.labels.isMultiLabel && data.labels.classes == ["Speech", "Gush", "Male speech, man"])
            #expect(data.labels.rows == [[0, 1], [0], [2]])
            #expect(Self.rows(data)[2] == "cd_20500 Male speech, man test cd")
            #expect(data.sources[2].start == 0 && data.sources[2].duration == nil)
            let whole = try Self.make("audioset", options + [("whole", .bool(true))])
            #expect(whole.sources[2].start == 20.5 && whole.sources[2].duration == 10)
        }
    }

    /// Names that programs give to what they fetch; what is missing is counted, not an error.
    @Test func fetchedFilesAreFoundUnderUsualNames() throws {
        let names = [
            "a.mp4", "Yb.wav", "sub/c_000030.flac", "d_30.wav", "e_30000.wav", "f_30.0_40.0.wav", "Yg_30_40.mkv",
            "h_30000_40000.wav", "i.wav", "i.mp4",
        ]
        let ids = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "gone"]
        let lists = [
            "class_labels_indices.csv": "index,mid,display_name\n0,/m/1,Speech\n1,/m/2,Dog\n",
            "balanced_train_segments.csv": ids.map { "\($0), 30.000, 40.000, \"/m/\($0 == "a" ? 2 : 1)\"\n" }.joined(),
            "eval_segments.csv": "a2, 0.000, 10.000, \"/m/1,/m/2\"\n",
        ]
        try Self.tree(lists, sounds: (names + ["a2_0.wav"]).map { "media/\($0).wav" }) { path in
            for name in names + ["a2_0.wav"] {
                try FileManager.default.moveItem(atPath: "\(path)/media/\(name).wav", toPath: "\(path)/media/\(name)")
            }
            let media = ("media", OptionValue.string("\(path)/media"))
            let audioset = try Self.make("audioset", [("path", .string(path)), media])
            let expected = names.dropLast(2).map { "\(path)/media/\($0)" } + ["\(path)/media/i.mp4"]
            #expect(audioset.items.map(\.path) == expected + ["\(path)/media/a2_0.wav"])
            #expect(audioset.leftOut == ["\(path)/media/gone_000030.mp4"])
            #expect(audioset.scriptDescription.hasSuffix("without 1 file or part that is missing"))
            #expect(
                Self.message("audioset", [("path", .string(path)), media, ("missing", .string("error"))])
                    .contains("1 of 11 files is missing, such as \(path)/media/gone_000030.mp4"))
            try SoundFiles.write(
                "\(path)/vggsound.csv",
                text: ids.map { "\($0),30,\($0 == "a" ? "cat" : "dog"),train\n" }.joined() + "a2,0,cat,test\n")
            let vggsound = try Self.make("vggsound", [("path", .string("\(path)/vggsound.csv")), media])
            #expect(vggsound.items.map(\.path) == audioset.items.map(\.path))
            try SoundFiles.write("\(path)/media/other/a_30.mp4", text: "another film")
            #expect(
                Self.message("audioset", [("path", .string(path)), media])
                    .contains("several files of 'a' from 30.0 s: a.mp4, other/a_30.mp4"))
        }
    }

    @Test func csv() throws {
        let csv = """
            path,label,split,film,from,to
            a.wav,"dog; cat",train,one,0,1
            b.wav,,train,two,0.5,1
            sub/c.wav,dog,train,two,0,2
            d.wav,cat,test,three,0,1

            """
        try Self.tree(["list.csv": csv], sounds: ["a.wav", "b.wav", "sub/c.wav", "d.wav"]) { path in
            let options: [(key: String, value: OptionValue)] = [
                ("path", .string("\(path)/list.csv")), ("group", .string("film")), ("separator", .string(";")),
                ("start", .string("from")), ("duration", .string("to")),
            ]
            let data = try Self.make("csv", options)
            #expect(Self.rows(data)[0] == "a.wav dog+cat train one" && data.labels.rows[1] == [])
            #expect(data.sources[1].start == 0.5 && data.sources[2].mainPath == "\(path)/sub/c.wav")
            let empty = Self.message("csv", [("path", .string("\(path)/list.csv"))])
            #expect(empty.contains("list.csv:3: column 'label' is empty"))
            let slip = Self.message("csv", [("path", .string("\(path)/list.csv")), ("group", .string("filn"))])
            #expect(slip.contains("has no column 'filn': did you mean 'film'?"))
            try Data("path,label,label,split\na.wav,dog,cat,train\n".utf8).write(
                to: URL(fileURLWithPath: "\(path)/twice.csv"))
            let twice = Self.message("csv", [("path", .string("\(path)/twice.csv"))])
            #expect(twice.contains("twice.csv: column 'label' comes twice"))
        }
    }

    @Test func manifest() throws {
        let lines = (0..<6).map { index in
            "{\"path\": \"\(index).wav\", \"movie\": \"film \(index / 2)\", \"labels\": {\"scene\": \"\(index % 2 == 0 ? "sea" : "cafe")\", \"events\": [\"bell\"\(index % 2 == 1 ? ", \"horn\"" : "")]}}"
        }
        try Self.tree(["manifest.jsonl": lines.joined(separator: "\n")], sounds: (0..<6).map { "\($0).wav" }) { path in
            let options: [(key: String, value: OptionValue)] = [("path", .string("\(path)/manifest.jsonl"))]
            let data = try Self.make("manifest", options + [("label", .string("scene")), ("folds", .int(3))])
            #expect(data.folds.count == 3 && data.labels.classes == ["cafe", "sea"] && data.name == "scene")
            let events = try Self.make("manifest", options + [("label", .string("events")), ("folds", .int(2))])
            #expect(events.labels.isMultiLabel && events.labels.rows[1] == [0, 1])
            let slip = Self.message("manifest", options + [("label", .string("sceen"))])
            #expect(slip.contains("manifest.jsonl:1: has no label 'sceen': did you mean 'scene'?"))
            let few = Self.message("manifest", options + [("label", .string("scene"))])
            #expect(few.contains("has 3 films, too few for 5 folds"))
            try FileManager.default.removeItem(atPath: "\(path)/4.wav")
            let gone = Self.message("manifest", options + [("label", .string("scene")), ("folds", .int(3))])
            #expect(gone.contains("1 of 6 files is missing, such as \(path)/4.wav"))
        }
    }
}
