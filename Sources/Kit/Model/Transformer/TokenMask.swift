import KitCore
import KitTensor

/// Which tokens of each sample an encoder sees, chosen at random, and how to put all of them in order again (He et al. 2022,
/// "Masked autoencoders are scalable vision learners").
public struct TokenMask: Sendable {
    /// For each sample, the places of the tokens that are seen.
    public let kept: [[Int]]
    /// For each sample and place, the token's index among those that are seen, followed by the others.
    public let order: [[Int]]

    /// - Parameters:
    ///   - batch: the number of samples.
    ///   - tokens: the number of tokens of each.
    ///   - keep: the number of tokens that are seen: 1 to `tokens`.
    ///   - random: the stream that decides.
    public init(batch: Int, tokens: Int, keep: Int, _ random: inout RandomStream) throws {
        guard (1...max(1, tokens)).contains(keep), tokens > 0 else {
            throw KitError.usage("token mask: expected 1 to \(tokens) tokens to keep, given \(keep)")
        }
        var (kept, order): ([[Int]], [[Int]]) = ([], [])
        for _ in 0..<batch {
            var places = Array(0..<tokens)
            for last in places.indices.dropFirst().reversed() { places.swapAt(last, random.index(below: last + 1)) }
            var positions = places
            for (position, place) in places.enumerated() { positions[place] = position }
            kept.append(Array(places[..<keep]))
            order.append(positions)
        }
        (self.kept, self.order) = (kept, order)
    }
}

extension Tensor {
    /// The tokens of each sample at the given places, in that order: [batch, tokens, features] to
    /// [batch, places, features]. A place may occur more than once.
    ///
    /// - Parameter places: for each sample, as many places as for the others.
    public func gatheredTokens(_ places: [[Int]]) throws -> Tensor {
        guard shape.rank == 3, places.count == shape[0] else {
            throw KitError.usage(
                "gather tokens: needs places for each sample of [batch, tokens, features], not \(places.count) for \(shape)"
            )
        }
        let count = places.first?.count ?? 0
        for (sample, own) in places.enumerated() {
            guard own.count == count else {
                throw KitError.usage(
                    "gather tokens: sample \(sample + 1) has \(own.count) places, and sample 1 has \(count)")
            }
            if let bad = own.first(where: { !(0..<shape[1]).contains($0) }) {
                throw KitError.usage("gather tokens: place \(bad) is outside the \(shape[1]) tokens of \(shape)")
            }
        }
        let rows = places.enumerated().flatMap { sample, own in own.map { sample * shape[1] + $0 } }
        return try reshaped([shape[0] * shape[1], shape[2]]).gatherRows(rows).reshaped([shape[0], count, shape[2]])
    }
}
