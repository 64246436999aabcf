import Foundation
import Kit
import TestSupport
import Testing

@Suite struct ResultTests {
    private static func line(
        _ variant: String, _ task: String, _ value: Double, seed: Int? = nil,
        _ change: (inout ResultLine) -> Void = { _ in }
    ) -> ResultLine {
        var line = ResultLine(variant: variant, task: task, metric: "top1", value: value)
        line.seed = seed
        change(&line)
        return line
    }

    @Test func linesAreReadAsTheyWereWritten() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = "\(folder.path)/results.jsonl"
            let lines = [
                Self.line("SimCLR_AV", "scene", 0.5, seed: 1) { ($0.low, $0.high, $0.chance) = (0.4, 0.6, 0.125) },
                Self.line("mean \"log-mel\" <b>", "ジャンル", 0.25) { ($0.baseline, $0.family) = (true, "music") },
            ]
            for line in lines { try ResultLine.append([line], to: path) }
            #expect(try ResultLine.read(path) == lines)
            // A writer that was killed leaves half a line, which goes with the next; by hand a last line may lack its end.
            try Data("{\"variant\":\"x\",\"ta".utf8).append(to: path)
            #expect(try ResultLine.read(path) == lines)
            try ResultLine.append([lines[0]], to: path)
            #expect(try ResultLine.read(path) == lines + [lines[0]])
            let text = try String(contentsOfFile: path, encoding: .utf8)
            try Data(text.dropLast().utf8).write(to: URL(fileURLWithPath: path))
            try ResultLine.append([lines[1]], to: path)
            #expect(try ResultLine.read(path) == lines + lines)
            try Data("{\"variant\":\"x\",\"ta\n".utf8).append(to: path)
            let error = #expect(throws: KitError.self) { try ResultLine.read(path) }
            #expect(error?.message.hasPrefix("\(path):5: ") == true)
        }
    }

    /// A file of something else stays as it is, although its end looks like a line that was cut off.
    @Test(arguments: ["notes\nof mine", "notes", "\u{08}\u{00}{}\n1234", "{\"a\": 1}\n{\"b\""])
    func otherFilesAreNotAddedTo(text: String) throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = "\(folder.path)/other"
            try SoundFiles.write(path, text: text)
            let error = #expect(throws: KitError.self) { try ResultLine.append([Self.line("a", "b", 0.5)], to: path) }
            #expect(error?.message.contains("nothing can be added to it") == true)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
        }
    }

    @Test(arguments: [
        ("{\"variant\": \"a\", \"task\": \"b\", \"metric\": \"c\"}", "'value' is missing"),
        ("{\"variant\": \"a\", \"task\": \"b\", \"metric\": \"c\", \"value\": \"high\"}", "'value' must be a number"),
        ("{\"variant\": \"\", \"task\": \"b\", \"metric\": \"c\", \"value\": 1}", "'variant' is empty"),
        ("variant,task,metric", "not valid JSON"),
    ])
    func badLinesAreNamed(text: String, reason: String) throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = "\(folder.path)/results.jsonl"
            try SoundFiles.write(path, text: text + "\n")
            let error = #expect(throws: KitError.self) { try ResultLine.read(path) }
            #expect(error?.kind == .badData && error?.message.contains(":1: ") == true)
            #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
        }
    }

    @Test func tableHasVariantsByTasks() {
        let table = ResultTable([
            Self.line("random", "scene", 0.2) { $0.baseline = true },
            Self.line("AV", "scene", 0.5, seed: 1), Self.line("AV", "scene", 0.6, seed: 2),
            Self.line("AV", "scene", 0.7, seed: 2),
            Self.line("dub", "keyword", 0.3) { ($0.family, $0.low, $0.high) = ("speech", 0.2, 0.4) },
            Self.line("dub", "scene", 0.9), Self.line("AV", "error", 2) { $0.lowerIsBetter = true },
            Self.line("dub", "error", 3),
        ])
        #expect(table.columns.map(\.task) == ["scene", "error", "keyword"])
        #expect(table.rows.map(\.variant) == ["AV", "dub", "random"])
        let cell = table.rows[0].cells[0]
        // The later line of seed 2 counts; Student's t for one degree of freedom is 12.7062.
        #expect(cell?.mean == 0.6 && cell?.seeds == 2)
        #expect(abs((cell?.interval?.upperBound ?? 0) - (0.6 + 12.7062 * 0.1)) < 1e-9)
        #expect(table.rows[1].cells[2]?.interval == 0.2...0.4)
        #expect(table.rows[0].cells[2] == nil && table.rows[2].cells[1] == nil)
        #expect(table.best(in: 0) == 1 && table.best(in: 1) == 0 && table.best(in: 2) == nil)
    }

    /// Against tables of Student's t distribution, two-sided 95 %.
    @Test(arguments: [(1, 12.7062), (2, 4.3027), (10, 2.2281), (11, 2.2010), (20, 2.0860), (60, 2.0003)])
    func quantilesOfStudent(freedom: Int, expected: Double) {
        #expect(abs(ResultTable.Cell.studentQuantile(freedom) - expected) < 2e-3)
    }
}

extension Data {
    fileprivate func append(to path: String) throws {
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try file.seekToEnd()
        try file.write(contentsOf: self)
        try file.close()
    }
}
