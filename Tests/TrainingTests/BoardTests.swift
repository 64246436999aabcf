import Foundation
import TestSupport
import Testing

import Kit

@Suite struct BoardTests {
    @Test func aRunThatHasEndedTakesNoMore() throws {
        let board = Board(nil, in: nil)
        try board.text("note", "a")
        board.end()
        let error = #expect(throws: KitError.self) { try board.text("note", "b") }
        #expect(error?.message == "text: the run of this board has ended: use it in the functions that get it")
    }

    /// The values that a recipe's calls record, read by the format's description.
    private func values(_ use: (Board) throws -> Void) throws -> [Tensorboard_Summary.Value] {
        try Fixtures.withTemporaryFolder { folder in
            let file = try TensorBoardFile(in: folder.path, files: DiskFileSystem())
            let board = Board(file, in: nil)
            board.step = 7
            try use(board)
            try file.close()
            let events = try TensorBoardFileTests.records(TensorBoardFileTests.files(in: folder)[0]).dropFirst()
            #expect(events.allSatisfy { $0.step == 7 })
            return events.flatMap(\.summary.value)
        }
    }

    @Test func imagesKeepTheirPixels() throws {
        let values = try values { board in
            try board.image("rgb", Tensor([0, 0.5, 1, 2, -1, 0.25], [1, 2, 3]))
            try board.image("grey", Tensor([10, 20, 30, 40], [2, 2]))
            try board.spectrogram("mel", Tensor([1, 2, 3, 4, 5, 6], [2, 3]))
        }
        func pixels(_ value: Tensorboard_Summary.Value) throws -> Frames {
            try Fixtures.withTemporaryFolder { folder in
                let path = folder.appendingPathComponent("a.png").path
                try value.image.encodedImageString.write(to: URL(fileURLWithPath: path))
                return try ImageReader.read(path)
            }
        }
        #expect(values.map(\.tag) == ["rgb", "grey", "mel"])
        #expect(try pixels(values[0]).values == [0, 128, 255, 255, 0, 64])
        #expect(try pixels(values[1]).values == [0, 85, 170, 255].flatMap { [$0, $0, $0] })
        // Two moments side by side, the highest of three bands above.
        let mel = try pixels(values[2])
        #expect(mel.width == 2 && mel.height == 3)
        #expect(stride(from: 0, to: 18, by: 3).map { mel.values[$0] } == [102, 255, 51, 204, 0, 153])
        #expect(values[2].image.width == 2 && values[2].image.height == 3 && values[2].image.colorspace == 3)
    }

    @Test func histogramsCountEveryValue() throws {
        let values = try values { board in
            try board.histogram("spread", Tensor((0..<90).map { Float($0) }, [90]))
            try board.histogram("same", Tensor([2, 2, 2], [3]))
        }
        let spread = values[0].histo
        #expect(spread.bucket == [Double](repeating: 3, count: 30) && spread.bucketLimit.last == 89)
        #expect(spread.num == 90 && spread.sum == 4005 && spread.sumSquares == 238_965 && spread.min == 0)
        #expect(values[1].histo.bucket == [3] && values[1].histo.bucketLimit == [2])
    }

    @Test func soundsAndTextsAreWhole() throws {
        let values = try values { board in
            try board.audio("sound", Tensor([0, 0.5, -0.5], [3]), sampleRate: 8000)
            try board.text("note", "two **words**")
            try board.scalar("own/number", 0.25)
        }
        let sound = values[0].audio
        #expect(sound.sampleRate == 8000 && sound.numChannels == 1 && sound.lengthFrames == 3)
        #expect(sound.contentType == "audio/wav" && sound.encodedAudioString.starts(with: Data("RIFF".utf8)))
        #expect(values[1].tensor.stringVal == [Data("two **words**".utf8)])
        #expect(values[1].metadata.pluginData.pluginName == "text" && values[2].simpleValue == 0.25)
    }

    @Test func embeddingsBecomeTheProjectorsFiles() throws {
        try Fixtures.withTemporaryFolder { runs in
            let settings = RunSettings(runsFolder: runs.path)
            let run = try RunFolder(name: "board", settings: settings, files: DiskFileSystem()) { _ in }
            let root = URL(fileURLWithPath: run.path)
            let board = Board(nil, in: run)
            let rows = Tensor([1, 2, 3.5, 4], [2, 2])
            try board.embedding("clips", rows, labels: ["a\tb", "c"])
            for odd in ["../odd", ".._odd", "clips/labels", "clips_labels"] {
                try board.embedding(odd, rows, labels: nil)
            }
            try board.embedding("clips", rows, labels: ["a\tb", "c"])
            func text(_ name: String) throws -> String {
                try String(contentsOf: root.appendingPathComponent(name), encoding: .utf8)
            }
            #expect(try text("projector/clips/rows.tsv") == "1.0\t2.0\n3.5\t4.0\n")
            #expect(try text("projector/clips/labels.tsv") == "a b\nc\n")
            let list = try text("projector_config.pbtxt")
            #expect(list.components(separatedBy: "embeddings {").count == 6)
            let paths = "tensor_path: \"projector/clips/rows.tsv\"\n  metadata_path: \"projector/clips/labels.tsv\""
            #expect(list.contains(paths))
            // Each tag has a folder of its own, inside the run.
            let folders = try FileManager.default.contentsOfDirectory(atPath: root.path + "/projector")
            #expect(folders.count == 5 && folders.contains("clips_labels"))
            for folder in folders { #expect(try text("projector/\(folder)/rows.tsv") == "1.0\t2.0\n3.5\t4.0\n") }
        }
    }

    @Test func mistakesAreNamed() throws {
        let board = Board(nil, in: nil)
        for (mistake, words) in [
            ({ try board.image("a", .zeros([2, 2, 4])) }, "must be [height, width, 3]"),
            ({ try board.image("a", Tensor([.nan], [1, 1])) }, "not finite"),
            ({ try board.spectrogram("a", .zeros([4])) }, "must be [time, bands]"),
            ({ try board.audio("a", .zeros([0]), sampleRate: 8000) }, "must be [samples]"),
            ({ try board.histogram("a", .zeros([0])) }, "has no values"),
            (
                { try board.embedding("a", .zeros([2, 2]), labels: ["one"]) },
                "expected 2 labels, one for each row, given 1"
            ),
            ({ try board.scalar("a", .nan) }, "scalar: 'a' is nan: it must be finite"),
            ({ try board.text("", "text") }, "the name is empty"),
        ] as [(() throws -> Void, String)] {
            let error = #expect(throws: KitError.self) { try mistake() }
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        }
    }
}
