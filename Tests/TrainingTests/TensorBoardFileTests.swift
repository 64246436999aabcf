import Foundation
import TestSupport
import Testing

import Kit

@Suite struct TensorBoardFileTests {
    /// Reads the records of a file by the format's description alone, checking every length and checksum.
    static func records(_ path: String) throws -> [Tensorboard_Event] {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        func number(_ at: Int, _ count: Int) -> UInt64 {
            (0..<count).reduce(0) { $0 | UInt64(bytes[at + $1]) << (8 * UInt64($1)) }
        }
        func unmasked(_ at: Int) -> UInt32 {
            let rotated = UInt32(number(at, 4)) &- 0xa282_ead8
            return rotated >> 17 | rotated << 15
        }
        // Bit by bit, unlike the table that wrote them.
        func checksum(_ part: ArraySlice<UInt8>) -> UInt32 {
            ~part.reduce(UInt32.max) { crc, byte in
                (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ 0x82f6_3b78 : crc >> 1 }
            }
        }
        var events: [Tensorboard_Event] = []
        var at = 0
        while at < bytes.count {
            let length = Int(number(at, 8))
            #expect(unmasked(at + 8) == checksum(bytes[at..<at + 8]))
            let message = bytes[at + 12..<at + 12 + length]
            #expect(unmasked(at + 12 + length) == checksum(message))
            events.append(try Tensorboard_Event(serializedBytes: Array(message)))
            at += 16 + length
        }
        #expect(at == bytes.count)
        return events
    }

    static func files(in folder: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map { "\(folder.path)/\($0)" }
    }

    @Test func recordsCarryVersionThenScalars() throws {
        try Fixtures.withTemporaryFolder { folder in
            let file = try TensorBoardFile(in: folder.path, files: DiskFileSystem(), now: { 1_700_000_000.5 })
            try file.add(step: 1, [("loss/train", 2.5), ("optimizer/rate", 0.001)])
            try file.add(step: 300, [("loss/train", -0.125)])
            try file.close()
            let paths = try Self.files(in: folder)
            #expect(paths.count == 1 && paths[0].contains("/events.out.tfevents.1700000000.0."))
            let events = try Self.records(paths[0])
            #expect(events.map(\.step) == [0, 1, 300])
            #expect(events.allSatisfy { $0.wallTime == 1_700_000_000.5 })
            #expect(events[0].fileVersion == "brain.Event:2")
            #expect(events[1].summary.value.map(\.tag) == ["loss/train", "optimizer/rate"])
            #expect(events[1].summary.value.map(\.simpleValue) == [2.5, 0.001])
            #expect(events[2].summary.value.map(\.simpleValue) == [-0.125])
        }
    }

    @Test func resumedRunStartsANewFileThatDropsLaterSteps() throws {
        try Fixtures.withTemporaryFolder { folder in
            try TensorBoardFile(in: folder.path, files: DiskFileSystem(), now: { 1000 }).close()
            try TensorBoardFile(in: folder.path, files: DiskFileSystem(), resumedAfter: 7, now: { 1000 }).close()
            let paths = try Self.files(in: folder)
            #expect(paths.count == 2)
            let events = try Self.records(paths[1])
            #expect(events.map(\.step) == [0, 8])
            #expect(events[1].sessionLog.status == .start)
        }
    }

    /// Runs where Python has the tensorboard package; elsewhere the test is shown as skipped.
    @Test(.enabled(if: TensorBoardReader.isInstalled, "Python has no tensorboard package: its reader was not run"))
    func tensorBoardReadsIt() throws {
        try Fixtures.withTemporaryFolder { folder in
            let first = try TensorBoardFile(in: folder.path, files: DiskFileSystem(), now: { 1000 })
            for step in 1...5 { try first.add(step: step, [("loss/train", Double(step)), ("speed/clips", 8)]) }
            try first.close()
            let second = try TensorBoardFile(in: folder.path, files: DiskFileSystem(), resumedAfter: 3, now: { 1001 })
            for step in 4...6 { try second.add(step: step, [("loss/train", Double(-step))]) }
            try second.close()
            let scalars = try #require(try TensorBoardReader.content(of: folder.path)["scalars"])
            #expect(Set(scalars.keys) == ["loss/train", "speed/clips"])
            #expect(scalars["loss/train"] == [[1, 1], [2, 2], [3, 3], [4, -4], [5, -5], [6, -6]])
            #expect(scalars["speed/clips"] == [[1, 8], [2, 8], [3, 8]])
        }
    }

    @Test(.enabled(if: TensorBoardReader.isInstalled, "Python has no tensorboard package: its reader was not run"))
    func tensorBoardReadsTheBoard() throws {
        try Fixtures.withTemporaryFolder { folder in
            let file = try TensorBoardFile(in: folder.path, files: DiskFileSystem())
            let board = Board(file, in: nil)
            board.step = 3
            try board.image("frames", Pattern.tensor("image", [6, 8, 3]))
            try board.audio("sound", Pattern.tensor("sound", [100, 2]), sampleRate: 16_000)
            try board.histogram("weights", Pattern.tensor("weights", [50]))
            try board.text("note", "a **b**")
            try file.close()
            let content = try TensorBoardReader.content(of: folder.path)
            #expect(content["images"] == ["frames": [[3, 8, 6]]] && content["audio"] == ["sound": [[3, 16_000, 100]]])
            #expect(content["histograms"] == ["weights": [[3, 50, 50]]] && content["texts"] == ["note": [[3, 7]]])
        }
    }
}

/// The real reader of the tensorboard package, run by `scripts/dev/events/read.py`.
enum TensorBoardReader {
    private static let python = ProcessInfo.processInfo.environment["DUBKIT_PYTHON"] ?? "python3"

    static let isInstalled = (try? run(["-c", "import tensorboard"]))?.status == 0

    /// The step and some facts of every record, by kind and tag: [step, value] of a scalar.
    static func content(of folder: String) throws -> [String: [String: [[Double]]]] {
        let script = Fixtures.repository.appendingPathComponent("scripts/dev/events/read.py").path
        let (status, output) = try run([script, folder])
        try #require(status == 0, "read.py ended with \(status)")
        return try JSONDecoder().decode([String: [String: [[Double]]]].self, from: output)
    }

    private static func run(_ arguments: [String]) throws -> (status: Int32, output: Data) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [python] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, output)
    }
}
