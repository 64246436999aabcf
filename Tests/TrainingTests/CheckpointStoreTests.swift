import Foundation
import Kit
import TestSupport
import Testing

@Suite struct CheckpointStoreTests {
    private static func commit(_ store: CheckpointStore, _ step: Int) throws {
        try store.commit(step: step, bytes: 5000) { writer in
            try writer.write("weights") { sink in
                for piece in 0..<3 {
                    try [UInt8](repeating: UInt8(step + piece), count: 1000).withUnsafeBytes(sink)
                }
            }
            try writer.write("state.json", Data("{\"step\":\(step)}".utf8))
        }
    }

    private static func stepInside(_ checkpoint: Checkpoint) throws -> String {
        try String(contentsOfFile: checkpoint.path("state.json"), encoding: .utf8)
    }

    @Test func newestIsFoundWholeAndOldOnesGo() throws {
        try Fixtures.withTemporaryFolder(inMemory: true) { folder in
            let files = DiskFileSystem()
            let store = CheckpointStore(run: folder.path, keep: 2, files: files)
            #expect(try store.newest { _ in } == nil)
            for step in [2, 4, 10] { try Self.commit(store, step) }
            #expect(try files.names(in: "\(folder.path)/checkpoints") == ["step-10", "step-4"])
            let newest = try #require(try store.newest { Issue.record("\($0)") })
            #expect(newest.step == 10)
            #expect(try Self.stepInside(newest) == "{\"step\":10}")
            let latest = "\(folder.path)/latest/state.json"
            #expect(try String(contentsOfFile: latest, encoding: .utf8) == "{\"step\":10}")
        }
    }

    @Test(arguments: ["flipped", "short", "missing", "manifest gone", "manifest cut", "manifest empty"])
    func damagedCheckpointIsSkipped(damage: String) throws {
        try Fixtures.withTemporaryFolder(inMemory: true) { folder in
            let store = CheckpointStore(run: folder.path, keep: 3, files: DiskFileSystem())
            for step in [1, 2] { try Self.commit(store, step) }
            let weights = URL(fileURLWithPath: "\(folder.path)/checkpoints/step-2/weights")
            let manifest = weights.deletingLastPathComponent().appendingPathComponent("manifest.json")
            switch damage {
            case "flipped":
                var bytes = try Data(contentsOf: weights)
                bytes[1717] ^= 4
                try bytes.write(to: weights)
            case "short": try Data(contentsOf: weights).dropLast().write(to: weights)
            case "missing": try FileManager.default.removeItem(at: weights)
            case "manifest gone": try FileManager.default.removeItem(at: manifest)
            case "manifest cut": try Data(contentsOf: manifest).prefix(60).write(to: manifest)
            default: try Data("{\"files\":{}}".utf8).write(to: manifest)
            }
            var notices: [String] = []
            let newest = try #require(try store.newest { notices.append($0) })
            #expect(newest.step == 1)
            #expect(notices.count == 1 && notices[0].hasPrefix("checkpoint step-2 is damaged and skipped: "))
            try Self.commit(store, 2)
            #expect(try store.newest { Issue.record("\($0)") }?.step == 2)
        }
    }

    /// Whatever operation fails, and however: the checkpoint of before or the new one is whole, and the next commit works.
    @Test(arguments: [TroubledFileSystem.Trouble.full, .glitch])
    func failureAtEveryOperationLeavesAWholeCheckpoint(trouble: TroubledFileSystem.Trouble) throws {
        var k = 0
        var isThrough = false
        while !isThrough {
            k += 1
            try Fixtures.withTemporaryFolder(inMemory: true) { folder in
                let disk = CheckpointStore(run: folder.path, keep: 2, files: DiskFileSystem())
                for step in [1, 2] { try Self.commit(disk, step) }
                let files = TroubledFileSystem(trouble, at: k)
                do {
                    try Self.commit(CheckpointStore(run: folder.path, keep: 2, files: files), 3)
                    isThrough = files.operations < k
                } catch let error as KitError {
                    #expect(error.kind == .inputOutput)
                    #expect(error.message.contains(folder.path), "names no path: \(error.message)")
                    #expect(error.message.contains("needs 5.0 kB"), "\(error.message)")
                    if trouble == .full { #expect(error.message.contains("0 bytes are free")) }
                }
                let newest = try #require(try disk.newest { Issue.record("operation \(k): \($0)") })
                #expect(newest.step >= 2)
                #expect(try Self.stepInside(newest) == "{\"step\":\(newest.step)}")
                try disk.repair(newest: newest)
                let latest = try String(contentsOfFile: "\(folder.path)/latest/state.json", encoding: .utf8)
                #expect(latest == "{\"step\":\(newest.step)}")
                try Self.commit(disk, 4)
                #expect(try disk.newest { _ in }?.step == 4)
                #expect(try DiskFileSystem().names(in: "\(folder.path)/checkpoints").count == 2)
            }
        }
        #expect(k > 20)
    }

    @Test func digestEqualsThePublishedOne() {
        // FIPS 180-2, appendix B.1.
        #expect(
            SHA256.digest(of: Data("abc".utf8))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        let hash = SHA256()
        for piece in ["a", "", "bc"] { Array(piece.utf8).withUnsafeBytes(hash.update) }
        #expect(hash.finish() == SHA256.digest(of: Data("abc".utf8)))
    }
}
