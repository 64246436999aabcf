import Foundation
import Kit
import TestSupport
import Testing

@Suite struct SymmetricEigenTests {
    /// A matrix with known eigenvalues: a diagonal one between reflections.
    private static func matrix(_ eigenvalues: [Double]) -> [Double] {
        let size = eigenvalues.count
        let normal = (0..<size).map { sin(Double($0) + 1) }
        let length = normal.reduce(0) { $0 + $1 * $1 }
        func reflection(_ i: Int, _ j: Int) -> Double { (i == j ? 1 : 0) - 2 * normal[i] * normal[j] / length }
        return (0..<size * size).map { place in
            (0..<size).reduce(0) {
                $0 + reflection(place / size, $1) * eigenvalues[$1] * reflection(place % size, $1)
            }
        }
    }

    @Test(arguments: [1, 2, 7, 40])
    func largestEigenvaluesComeFirst(size: Int) throws {
        let eigenvalues = (0..<size).map { Double(($0 * 7) % size) - 3 }
        let matrix = Self.matrix(eigenvalues)
        for count in Set([1, min(2, size), size]) {
            let found = try SymmetricEigen.largest(count, of: matrix, size: size)
            #expect(found.count == count)
            for (one, expected) in zip(found, eigenvalues.sorted(by: >)) {
                #expect(abs(one.value - expected) < 1e-10)
                for row in 0..<size {
                    let product = (0..<size).reduce(0) { $0 + matrix[row * size + $1] * one.vector[$1] }
                    #expect(abs(product - one.value * one.vector[row]) < 1e-10)
                }
                #expect(abs(one.vector.reduce(0) { $0 + $1 * $1 } - 1) < 1e-12)
                #expect(one.vector.max { abs($0) < abs($1) }! > 0)
            }
        }
    }
}
