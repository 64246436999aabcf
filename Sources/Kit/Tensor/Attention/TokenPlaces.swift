import KitCore

/// Places of tokens, for each sample of a batch as many as for the others, counted from 0.
package struct TokenPlaces {
    private let places: [[Int]]
    private let tokens: Int
    private let operation: String

    /// The number of places of a sample.
    package var count: Int { places.first?.count ?? 0 }

    /// Throws, naming the operation, if a place is outside the tokens or a sample has more places than another.
    package init(_ places: [[Int]], of tokens: Int, _ operation: String) throws {
        (self.places, self.tokens, self.operation) = (places, tokens, operation)
        for (sample, own) in places.enumerated() {
            guard own.count == count else {
                throw KitError.usage(
                    "\(operation): sample \(sample + 1) has \(counted(own.count, "place")), and sample 1 has \(count)")
            }
            if let bad = own.first(where: { !(0..<tokens).contains($0) }) {
                throw KitError.usage(
                    "\(operation): place \(bad &+ 1) is outside the \(counted(tokens, "token")) of a sample")
            }
        }
    }

    /// Throws if a sample has a place twice.
    package func checkDistinct() throws {
        for (sample, own) in places.enumerated() {
            var seen: Set<Int> = []
            if let twice = own.first(where: { !seen.insert($0).inserted }) {
                throw KitError.usage("\(operation): sample \(sample + 1) has place \(twice + 1) twice")
            }
        }
    }

    /// The places as rows of all samples' tokens.
    var rows: [Int] { places.enumerated().flatMap { sample, own in own.map { sample * tokens + $0 } } }

    /// For each token of each sample, its row among all samples' places; `other` for tokens without a place.
    func sources(other: Int) -> [Int] {
        var result = [Int](repeating: other, count: places.count * tokens)
        for (index, row) in rows.enumerated() { result[row] = index }
        return result
    }
}

extension Tensor {
    /// The largest number of tokens of all samples together.
    private static let mostTokens = 1 << 24

    /// The tokens of each sample at the given places, in that order: [batch, tokens, features] to
    /// [batch, places, features]. A place may occur more than once.
    ///
    /// - Parameter places: for each sample, as many places as for the others, counted from 0.
    public func gatheredTokens(_ places: [[Int]]) throws -> Tensor {
        guard shape.rank == 3, places.count == shape[0] else {
            throw KitError.usage(
                "gather tokens: needs places for each sample of [batch, tokens, features], not \(places.count) for \(shape)"
            )
        }
        let checked = try TokenPlaces(places, of: shape[1], "gather tokens")
        return try reshaped([shape[0] * shape[1], shape[2]]).gatherRows(checked.rows)
            .reshaped([shape[0], checked.count, shape[2]])
    }

    /// The tokens of each sample at given places among others: [batch, places, features] to [batch, count, features].
    ///
    /// - Parameters:
    ///   - places: for each sample, the places of its tokens, counted from 0, each at most once.
    ///   - count: the number of tokens of a sample in the result.
    ///   - filler: the token at all other places: as many elements as features.
    public func scatteredTokens(_ places: [[Int]], count: Int, filler: Tensor) throws -> Tensor {
        guard shape.rank == 3, places.count == shape[0], count >= 0 else {
            throw KitError.usage(
                "scatter tokens: needs places for each sample of [batch, tokens, features], not \(places.count) for \(shape)"
            )
        }
        let checked = try TokenPlaces(places, of: count, "scatter tokens")
        try checked.checkDistinct()
        guard checked.count == shape[1] || places.isEmpty else {
            throw KitError.usage(
                "scatter tokens: a sample of \(shape) needs \(counted(shape[1], "place")), not \(checked.count)")
        }
        guard shape[0] == 0 || count <= Self.mostTokens / shape[0] else {
            throw KitError.usage(
                "scatter tokens: expected at most \(Self.mostTokens) tokens in all, given \(counted(shape[0], "sample")) of \(count)"
            )
        }
        guard filler.count == shape[2] else {
            throw KitError.usage(
                "scatter tokens: the filler must have \(shape[2]) elements, but its shape is \(filler.shape)")
        }
        let result = try Shape(checking: [shape[0], count, shape[2]], "scatter tokens")
        let rows = try Tensor.concat([reshaped([shape[0] * shape[1], shape[2]]), filler.reshaped([1, shape[2]])])
        return try rows.gatherRows(checked.sources(other: shape[0] * shape[1])).reshaped(result)
    }
}
