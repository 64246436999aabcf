import Foundation
import Kit
import TestSupport
import Testing

/// Principal components and t-SNE against scikit-learn: Tests/Oracle/maps.py.
@Suite(.alone("the number of threads")) struct MapTests {
    private struct Reference: Decodable {
        let shares: [Double]
        let places: [[Double]]
        let joint: [Double]
        let divergence: Double
    }

    private static let (count, width, groups) = (90, 12, 3)

    private static let rows: [Double] = (0..<count * width).map { place in
        let (i, j) = (Double(place / width), Double(place % width))
        let spread = sin(12.9898 * (i + 1) + 78.233 * (j + 1) * (i + 2))
        return (place / width % groups == place % width ? 6.0 : 0) + spread
    }

    private static func reference() throws -> Reference {
        try JSONDecoder().decode(
            Reference.self, from: try Data(contentsOf: Fixtures.folder().appendingPathComponent("maps.json")))
    }

    private static func components(_ number: Int) throws -> PrincipalComponents {
        try PrincipalComponents(rows, count: count, width: width, components: number)
    }

    @Test func principalComponentsAreThoseOfScikitLearn() throws {
        let reference = try Self.reference()
        let found = try Self.components(4)
        for (share, expected) in zip(found.shares, reference.shares) { #expect(abs(share - expected) < 1e-10) }
        for (row, expected) in reference.places.enumerated() {
            for component in 0..<4 {
                #expect(abs(abs(found.places[component][row]) - expected[component]) < 1e-8)
            }
        }
    }

    /// More features than rows: the other product of the matrix with itself.
    @Test func wideRowsHaveTheSameComponentsAsTheirDistances() throws {
        let (count, width) = (6, 40)
        let rows = (0..<count * width).map { sin(Double($0 * $0)) }
        let found = try PrincipalComponents(rows, count: count, width: width, components: 6)
        #expect(found.places.count == 6 && abs(found.shares.reduce(0, +) - 1) < 1e-12)
        for i in 0..<count {
            for j in 0..<count {
                let near = found.places.reduce(0) { $0 + ($1[i] - $1[j]) * ($1[i] - $1[j]) }
                let far = (0..<width).reduce(0) {
                    $0 + pow(rows[i * width + $1] - rows[j * width + $1], 2)
                }
                #expect(abs(near - far) < 1e-9)
            }
        }
    }

    @Test func affinitiesAreThoseOfScikitLearn() throws {
        let joint = try Affinities(Self.rows, count: Self.count, width: Self.width, perplexity: 15).joint
        #expect(abs(joint.reduce(0, +) - 1) < 1e-12)
        for (found, expected) in zip(joint, try Self.reference().joint) {
            #expect(abs(found - expected) < 1e-3 * expected + 1e-9)
        }
    }

    @Test func divergenceIsAsLowAsScikitLearns() throws {
        var tsne = TSNE()
        tsne.perplexity = 15
        let start = try Self.components(2).places
        let found = try tsne(Self.rows, count: Self.count, width: Self.width, start: start)
        let expected = try Self.reference().divergence
        #expect(found.divergence < expected * 1.02 + 0.005 && found.divergence > expected * 0.9)
        // Each point's nearest neighbour is in its own group.
        for i in 0..<Self.count {
            let nearest = (0..<Self.count).filter { $0 != i }.min {
                hypot(found.x[$0] - found.x[i], found.y[$0] - found.y[i])
                    < hypot(found.x[$1] - found.x[i], found.y[$1] - found.y[i])
            }!
            #expect(nearest % Self.groups == i % Self.groups)
        }
    }

    @Test func theSameBitsAtAnyNumberOfThreads() throws {
        var tsne = TSNE()
        tsne.iterations = 60
        let start = try Self.components(2).places
        let threads = ThreadPool.shared.threadCount
        defer { ThreadPool.shared.threadCount = threads }
        let results = try [1, 2, 4].map { count in
            ThreadPool.shared.threadCount = count
            return try tsne(Self.rows, count: Self.count, width: Self.width, start: start)
        }
        #expect(results.allSatisfy { $0.x == results[0].x && $0.y == results[0].y })
    }

    /// Rows that are all equal, as from a collapsed encoder, get finite positions.
    @Test func equalRowsAreNoFault() throws {
        let rows = [Double](repeating: 0.25, count: 8 * 3)
        let components = try PrincipalComponents(rows, count: 8, width: 3, components: 2)
        #expect(components.shares == [0, 0])
        let found = try TSNE()(rows, count: 8, width: 3, start: components.places)
        #expect((found.x + found.y).allSatisfy(\.isFinite) && found.divergence.isFinite)
    }
}
