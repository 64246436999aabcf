import Foundation
import Kit
import TestSupport
import Testing

/// More threads than processors: the same bits, and no thread waits for another one forever.
@Suite struct ManyThreadsTests {
    /// Both encoders, batch norm, NT-Xent, clipping, augmentations and held-out retrieval.
    @Test func trainingHasTheSameBits() throws {
        try Fixtures.withTemporaryFolder { root in
            func train(_ threads: Int) throws -> RunFiles {
                let runs = root.appendingPathComponent("\(threads)")
                let keys = ["steps=2", "batch=6", "k=3", "scale=small"]
                let words = ["run", "scripts/pretrain/simclr_dub.lua", "--runs", runs.path, "--progress", "none"]
                let outcome = try Command.run(words + keys, environment: ["DUBKIT_THREADS": "\(threads)"])
                #expect(outcome.status == 0, "\(outcome.errors)")
                let folder = runs.appendingPathComponent("simclr_dub")
                let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
                return try RunFiles(folder.appendingPathComponent(try #require(names.last)).path)
            }
            let one = try train(1)
            for threads in [2, 64] { #expect(try train(threads) == one, "\(threads) threads") }
        }
    }
}
