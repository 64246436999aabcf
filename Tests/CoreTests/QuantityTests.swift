import Foundation
import KitCore
import TestSupport
import Testing

/// Numbers of things in messages.
@Suite struct QuantityTests {
    @Test func wordsGoWithTheirNumber() {
        #expect(counted(1, "row") == "1 row" && counted(2000, "axis", "axes") == "2,000 axes")
        #expect(counted(1, of: 1, "file") == "1 of 1 file" && counted(1, of: 3, "class", "classes") == "1 of 3 classes")
        #expect(agreeing(1, "is", "are") == "is" && agreeing(0, "is", "are") == "are")
    }

    /// A count and a plural, as in "\(rows.count) rows", would also say "1 rows". Lists of counts such as fingerprints,
    /// with commas, are not sentences.
    @Test func sourcesCountThingsByCounted() throws {
        let sources = Fixtures.repository.appendingPathComponent("Sources")
        let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
        let count = #/\\\([\w.\[\]!]*[cC]ount\) [a-z]+s\b(?!,)/#
        var (read, faults): (Int, [String]) = (0, [])
        for case let file as URL in files where file.pathExtension == "swift" {
            read += 1
            for (number, line) in try String(contentsOf: file, encoding: .utf8).split(
                separator: "\n", omittingEmptySubsequences: false
            ).enumerated() {
                let isForUsers = !line.contains("precondition") && !line.contains("///")
                if isForUsers, line.firstMatch(of: count) != nil {
                    faults.append("\(file.lastPathComponent):\(number + 1): \(line)")
                }
            }
        }
        #expect(read > 500 && faults.isEmpty, "\(faults.joined(separator: "\n"))")
    }
}
