import KitCore
import KitTensor

/// Attention whose queries, keys and values are pooled by strided convolutions, with decomposed relative positions and
/// the pooled queries added to the result (Li et al. 2022, "MViTv2", figure 2).
public final class PoolingAttention: Module {
    /// The sizes of one layer.
    public struct Settings: Sendable {
        /// Features of the tokens, and of the result; heads divide the latter.
        public var inputs: Int
        public var outputs: Int
        public var heads: Int
        /// Time, height and width.
        public var kernel: [Int]
        public var queryStride: [Int]
        public var keyStride: [Int]
        /// The rows of the tables of relative positions along time, height and width; nil for an axis without.
        public var tables: [Int?]
        public var epsilon: Float

        public init(
            inputs: Int, outputs: Int, heads: Int, kernel: [Int], queryStride: [Int], keyStride: [Int], tables: [Int?],
            epsilon: Float = 1e-6
        ) {
            (self.inputs, self.outputs, self.heads) = (inputs, outputs, heads)
            (self.kernel, self.queryStride, self.keyStride) = (kernel, queryStride, keyStride)
            (self.tables, self.epsilon) = (tables, epsilon)
        }

        var width: Int { outputs / heads }
    }

    private let settings: Settings
    /// Queries, keys and values.
    private let projection: Linear
    private let output: Linear
    private let pools: [(convolution: Convolution, norm: LayerNorm)]
    /// Tables of relative positions with the axes that they are for, outermost first.
    private let tables: [(axis: Int, table: Tensor)]

    public init(_ settings: Settings, _ random: inout RandomStream) {
        self.settings = settings
        let (width, normal) = (settings.width, Initialiser.normal(0.02))
        tables = settings.tables.enumerated().compactMap { axis, rows in
            rows.map { (axis, normal.tensor([$0, width], &random)) }
        }
        projection = Linear(settings.inputs, 3 * settings.outputs, initialiser: normal, &random)
        output = Linear(settings.outputs, settings.outputs, initialiser: normal, &random)
        var pools: [(convolution: Convolution, norm: LayerNorm)] = []
        for stride in [settings.queryStride, settings.keyStride, settings.keyStride] {
            pools.append(
                (
                    Convolution(
                        width, width, kernel: settings.kernel, stride: stride, groups: width, initialiser: normal,
                        &random), LayerNorm(width, epsilon: settings.epsilon)
                ))
        }
        self.pools = pools
        super.init()
        for pool in pools { pool.norm.feedsProducts = true }
        for axis in [1, 2, 0] {
            guard let table = tables.first(where: { $0.axis == axis }) else { continue }
            register(parameter: "rel_pos_" + ["t", "h", "w"][axis], table.table, positions: .distances)
        }
        register("qkv", projection)
        register("proj", output)
        for (name, pool) in zip(["q", "k", "v"], pools) {
            register("pool_\(name)", pool.convolution)
            register("norm_\(name)", pool.norm)
        }
    }

    /// - Parameters:
    ///   - tokens: [batch, tokens, inputs].
    ///   - grid: their places.
    /// - Returns: [batch, pooled tokens, outputs], and their places.
    public func callAsFunction(_ tokens: Tensor, _ grid: TokenGrid) throws -> (Tensor, TokenGrid) {
        var pooledGrid = grid
        let result = try called {
            let (result, places) = try attended(tokens, grid)
            pooledGrid = places
            return result
        }
        return (result, pooledGrid)
    }

    private func attended(_ tokens: Tensor, _ grid: TokenGrid) throws -> (Tensor, TokenGrid) {
        let (heads, leading) = (settings.heads, grid.leading)
        let queryGrid = grid.strided(settings.kernel, settings.queryStride)
        let keyGrid = grid.strided(settings.kernel, settings.keyStride)
        let queries = try pooled(tokens, 0, grid, settings.queryStride)
        let keys = try pooled(tokens, 1, grid, settings.keyStride)
        let values = try pooled(tokens, 2, grid, settings.keyStride)
        let positions =
            try tables.isEmpty
            ? nil
            : queries.relativePositions(
                tables.map(\.table), grid: axes(queryGrid), keyGrid: axes(keyGrid), heads: heads, leading: leading)
        let result = try queries.attention(
            keys, values, heads: heads, positions: positions, adding: leading > 0 ? .allButFirst : .all)
        return (try output(result), queryGrid)
    }

    /// The extents of the axes that have tables.
    private func axes(_ grid: TokenGrid) -> [Int] { tables.map { grid.extents[$0.axis] } }

    /// Queries, keys or values: projected, pooled and normalised, [batch, pooled tokens, outputs].
    private func pooled(_ tokens: Tensor, _ part: Int, _ grid: TokenGrid, _ stride: [Int]) throws -> Tensor {
        let rows = part * settings.outputs..<(part + 1) * settings.outputs
        let projected = try Profiler.layer(projection) {
            try tokens.linear(
                projection.weight.slice(axis: 0, rows), projection.bias.map { try $0.slice(axis: 0, rows) },
                feedsProducts: true)
        }
        let (convolution, norm) = pools[part]
        let pooled = try Profiler.layer(convolution) {
            try projected.pooledTokens(
                convolution.weight, grid: grid.extents, stride: stride, leading: grid.leading)
        }
        return try norm(pooled.reshaped([pooled.shape[0], pooled.shape[1], settings.heads, settings.width]))
            .reshaped(pooled.shape)
    }

    public override var summary: String {
        "PoolingAttention(\(settings.inputs) -> \(settings.outputs), \(counted(settings.heads, "head")))"
    }
}
