import Foundation
import ReaderChecks
import TestSupport
import Testing

/// Reads the fuzzer's inputs that reached new code in the readers once more; `scripts/dev/trials/fuzz.py` finds more.
struct CorpusTests {
    @Test(arguments: ReaderCheck.all.map(\.name))
    func readersKeepTheirPromises(_ name: String) throws {
        let check = try #require(ReaderCheck.all.first { $0.name == name })
        let folder = Fixtures.folder().appendingPathComponent(name)
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(files.count >= 10)
        for file in files {
            let bytes = [UInt8](try Data(contentsOf: folder.appendingPathComponent(file)))
            #expect(throws: Never.self, "\(name)/\(file)") { try check.run(bytes) }
        }
    }
}
