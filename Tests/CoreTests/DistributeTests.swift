import Foundation
import KitCore
import TestSupport
import Testing

/// Independent pieces of work, shared by ranks.
@Suite struct DistributeTests {
    @Test(arguments: [1, 2, 3, 4, 9]) func allRanksGetAllResults(ranks: Int) throws {
        // Results of different lengths, some of them empty.
        let expected = (0..<7).map { Data(repeating: UInt8($0), count: $0 % 3 * 1000) }
        let all = try ThreadRanks.run(ranks) { group in
            var own: [Int] = []
            let results = try group.distribute(7) { piece in
                own.append(piece)
                return expected[piece]
            }
            return (own, results)
        }.map { try $0.get() }
        for (own, results) in all {
            #expect(results == expected)
            #expect(own.count <= (7 + ranks - 1) / ranks)
        }
        #expect(all.flatMap(\.0).sorted() == Array(0..<7))
    }

    /// The other ranks finish their current piece and begin no other.
    @Test func aPieceThatFailsEndsAll() throws {
        let results = ThreadRanks.run(3) { group in
            try group.distribute(300) { piece in
                guard piece != 4 else { throw KitError(.badData, "piece 4 is broken") }
                return Data()
            }
        }
        for (rank, result) in results.enumerated() {
            let error = #expect(throws: KitError.self) { try result.get() }
            #expect(error?.kind == .badData)
            #expect(error?.message == (rank == 1 ? "" : "rank 1 on host1: ") + "piece 4 is broken")
        }
    }

    @Test func aSessionAloneHasNoPeers() throws {
        for result in ThreadRanks.run(
            2,
            { _ in
                let session = Session.current
                let alone = session.alone { session.processes.isSingle }
                return alone && session.processes.size == 2
            })
        { #expect(try result.get()) }
    }
}
