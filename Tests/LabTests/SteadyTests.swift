import Foundation
import Kit
import TestSupport
import Testing

/// The short form of `scripts/dev/trials/steady.py`: a training holds no more files and no more tensors as it goes on.
@Suite(.serialized) struct SteadyTests {
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
            // The first steps make the optimizer's state and the moving average.
            let later = 21...200
            #expect(files.count >= 200 && Set(later.map { files[$0]! }).count == 1, "\(files)")
            #expect(Set(later.map { bytes[$0]! }).count == 1, "\(bytes)")
        }
    }
}
