import Foundation
import Kit
import TestSupport
import Testing

/// The short form of `scripts/dev/trials/steady.py`: a training does not hold more and more files or tensors.
@Suite(.serialized, .alone("counts the memory of tensors")) struct SteadyTests {
    @Test func filesAndTensorsStayAsMany() throws {
        try Fixtures.withTemporaryFolder(inMemory: true) { root in
            var training = TinyTraining()
            (training.steps, training.checkpointEvery) = (200, 10)
            var files: [Int: Int] = [:]
            var bytes: [Int: Int] = [:]
            training.beforeStep = { step in
                files[step] = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))?.count
                bytes[step] = BufferPool.shared.bytesInUse
            }
            try training.run(in: root)
            #expect(files.count >= 200)
            for counts in [files, bytes] {
                // The first steps make the optimizer's state and the moving average.
                let (early, late) = (
                    (21...100).compactMap { counts[$0] }.max()!, (101...200).compactMap { counts[$0] }.max()!
                )
                #expect(late <= early, "\(counts)")
            }
        }
    }
}
