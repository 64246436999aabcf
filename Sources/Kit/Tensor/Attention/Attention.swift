import KitCore

extension Tensor {
    /// The queries that attention adds to its results ("residual pooling" of Li et al. 2022, "MViTv2").
    public enum AddedQueries: Sendable {
        case none
        case all
        /// All but the first token's, which is a class token.
        case allButFirst
    }

    /// softmax(scale q kᵀ + position terms) v for each head: the weighted means of the values, for each query (Vaswani et
    /// al. 2017, "Attention is all you need").
    ///
    /// The scores are never stored. Their tiles are computed, used, and computed again for the gradient, so memory grows
    /// with the number of tokens and not with its square. Exponentials are shifted by the maximum of each query's scores
    /// so far and cannot overflow.
    ///
    /// This tensor holds the queries, [batch, queries, heads x width], with the heads of a token next to each other.
    ///
    /// - Parameters:
    ///   - keys: [batch, keys, heads x width].
    ///   - values: of the shape of the keys.
    ///   - heads: the number of heads.
    ///   - scale: the factor of the products; by default, 1 / sqrt(width).
    ///   - positions: terms that depend on the places of queries and keys; nil for none.
    ///   - added: the queries that are added to the results.
    /// - Returns: [batch, queries, heads x width], in the type of the queries if the precision is bfloat16.
    public func attention(
        _ keys: Tensor, _ values: Tensor, heads: Int, scale: Float? = nil, positions: PositionTerms? = nil,
        adding added: AddedQueries = .none
    ) throws -> Tensor {
        try checkAttention(keys, values, heads)
        let tiles = AttentionTiles(
            batch: shape[0], queries: shape[1], keys: keys.shape[1], heads: heads, width: shape[2] / heads,
            scale: scale ?? 1 / (Float(shape[2]) / Float(heads)).squareRoot(), places: positions?.places,
            added: added, precision: .current)
        if let positions { try positions.check(tiles) }
        let result = Tensor(uninitialized: shape, narrow: isNarrow && tiles.precision == .bfloat16)
        let shifts = Tensor(uninitialized: [shape[0], heads, shape[1]])
        try ThreadPool.abandonable {
            tiles.apply(
                AttentionTiles.Factors(self, keys, values, positions?.values), into: result, shifts: shifts)
        }
        let saved = AttentionTiles.Factors(
            detached(), keys.detached(), values.detached(), positions.map { $0.values.detached() })
        let savedResult = result.detached()
        let products = 4 * Double(shape[0] * shape[1]) * Double(keys.shape[1] * shape[2])
        let inputs = [self, keys, values] + (positions.map { [$0.values] } ?? [])
        return result.recorded("attention", inputs, flops: products, form: .attention(tiles)) { gradient in
            func empty(_ tensor: Tensor) -> Tensor { Tensor(uninitialized: tensor.shape, narrow: tensor.isNarrow) }
            let gradients = AttentionTiles.Factors(
                empty(saved.queries), empty(saved.keys), empty(saved.values),
                saved.terms.map { Tensor(uninitialized: $0.shape) })
            try ThreadPool.abandonable {
                tiles.addGradients(
                    saved, result: savedResult, shifts: shifts, of: gradient, into: gradients)
            }
            return [gradients.queries, gradients.keys, gradients.values] + (gradients.terms.map { [$0] } ?? [])
        }
    }

    private func checkAttention(_ keys: Tensor, _ values: Tensor, _ heads: Int) throws {
        guard shape.rank == 3, keys.shape.rank == 3, keys.shape == values.shape, keys.shape[0] == shape[0],
            keys.shape[2] == shape[2]
        else {
            throw KitError.usage(
                "attention: expected queries, keys and values of the shape [batch, tokens, features], with as many keys as "
                    + "values, given \(shape), \(keys.shape) and \(values.shape)")
        }
        guard heads > 0, shape[2] % heads == 0, shape[2] > 0 else {
            throw KitError.usage("attention: \(shape[2]) features do not divide into \(heads) heads")
        }
        guard keys.shape[1] > 0 else { throw KitError.usage("attention: there are no keys: \(keys.shape)") }
        try Gemm.check([shape[1], keys.shape[1], shape[2]], "attention")
    }
}

/// Terms that attention adds to the scores of keys in a grid: for each query and head, one term for each place of the
/// keys along each axis. A key gets the sum of the terms of its places.
public struct PositionTerms {
    /// [batch, queries, heads x places], places being the sum of the grid's extents. An axis's terms are next to each
    /// other.
    public let values: Tensor
    let places: AttentionPlaces

    /// - Parameters:
    ///   - values: [batch, queries, heads x places].
    ///   - grid: the extents of the keys' grid, outermost axis first.
    ///   - leading: the number of keys before those of the grid, which get no terms: 1 for a class token.
    public init(_ values: Tensor, grid: [Int], leading: Int = 0) {
        self.values = values
        places = AttentionPlaces(grid: grid, leading: leading)
    }

    func check(_ tiles: AttentionTiles) throws {
        let keys = places.leading + Shape.product(places.grid)
        guard keys == tiles.keys else {
            throw KitError.usage(
                "attention: the grid \(places.grid) after \(places.leading) other keys has \(keys) keys, but there are "
                    + "\(tiles.keys)")
        }
        let expected: Shape = [tiles.batch, tiles.queries, tiles.heads * places.count]
        guard values.shape == expected else {
            throw KitError.usage("attention: position terms must be \(expected), but their shape is \(values.shape)")
        }
    }
}
