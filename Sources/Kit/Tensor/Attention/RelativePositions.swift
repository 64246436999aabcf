import CKernels
import KitCore

extension Tensor {
    /// Decomposed relative positions (Li et al. 2022, "MViTv2", equation 4): each query's products with a row of a table
    /// for each axis, which depends on the distance between the query's place and a key's.
    ///
    /// Where the grids of queries and keys differ along an axis, places on the coarser one are scaled, and distances are
    /// rounded down. A table has 2 n - 1 rows, for distances from -(n - 1) to n - 1, n being the larger extent. One of
    /// another length is interpolated linearly.
    ///
    /// This tensor holds the queries, [batch, leading + those of the grid, heads x width].
    ///
    /// - Parameters:
    ///   - tables: for each axis, outermost first, [rows, width].
    ///   - grid: the extents of the queries' grid.
    ///   - keyGrid: the extents of the keys' grid.
    ///   - heads: the number of heads, which share the tables.
    ///   - leading: the number of queries and keys before those of the grids, whose terms are 0: 1 for a class token.
    public func relativePositions(
        _ tables: [Tensor], grid: [Int], keyGrid: [Int], heads: Int, leading: Int = 0
    ) throws -> PositionTerms {
        guard shape.rank == 3, heads > 0, shape[2] % heads == 0, shape[2] > 0 else {
            throw KitError.usage(
                "relative positions: queries must be [batch, tokens, heads x width], but are \(shape), with \(counted(heads, "head"))"
            )
        }
        guard !grid.isEmpty, grid.count == keyGrid.count, grid.count == tables.count,
            (grid + keyGrid).allSatisfy({ $0 > 0 })
        else {
            throw KitError.usage(
                "relative positions: the grids of queries and keys need one extent above 0 for each of the "
                    + "\(counted(tables.count, "table")), but are \(grid) and \(keyGrid)")
        }
        guard leading >= 0, shape[1] == leading + Shape.product(grid) else {
            throw KitError.usage(
                "relative positions: the grid \(grid) after \(leading) other queries has "
                    + "\(leading + Shape.product(grid)), but there are \(shape[1])")
        }
        let width = shape[2] / heads
        for table in tables where table.shape.rank != 2 || table.shape[0] < 1 || table.shape[1] != width {
            throw KitError.usage(
                "relative positions: a table must be [distances, \(width)], but its shape is \(table.shape)")
        }
        let rows = try zip(tables, zip(grid, keyGrid)).map { table, extents in
            let (queries, keys) = extents
            let distances = RelativeDistances(queries: queries, keys: keys)
            return try table.resampledRows(2 * Swift.max(queries, keys) - 1).gatherRows(distances.rows)
        }
        let terms = RelativeTerms(
            batch: shape[0], grid: grid, keyGrid: keyGrid, heads: heads, width: width, leading: leading,
            precision: .current)
        let result = Tensor(uninitialized: [shape[0], shape[1], heads * terms.places])
        try ThreadPool.abandonable { terms.apply(self, rows, into: result) }
        let (queries, saved) = (detached(), rows.map { $0.detached() })
        let flops = 2 * Double(result.count) * Double(width)
        result.recorded(
            "relative positions", [self] + rows, flops: flops, form: .relativePositions(terms)
        ) { gradient in
            let queryGradient = Tensor(uninitialized: [terms.batch, terms.tokens, terms.features])
            let tableGradients = saved.map { Tensor(uninitialized: $0.shape) }
            try ThreadPool.abandonable {
                terms.addGradients(queries, saved, of: gradient, into: queryGradient, tableGradients)
            }
            return [queryGradient.converted(toTypeOf: queries)] + tableGradients
        }
        return PositionTerms(result, grid: keyGrid, leading: leading)
    }

    /// Another number of rows of a matrix [rows, columns], by linear interpolation between the centres of rows, as
    /// PyTorch's `interpolate(mode="linear", align_corners=False)`.
    public func resampledRows(_ count: Int) throws -> Tensor {
        guard shape.rank == 2, shape[0] > 0, count > 0 else {
            throw KitError.usage(
                "resample: needs rows on both sides, but \(shape) should become \(counted(count, "row"))")
        }
        guard count != shape[0] else { return self }
        let (before, columns) = (shape, shape[1])
        let taps = (0..<count).map { row -> (Int, Int, Float) in
            let place = Swift.max(0, (Double(row) + 0.5) * Double(before[0]) / Double(count) - 0.5)
            let low = Swift.min(Int(place), before[0] - 1)
            return (low, Swift.min(low + 1, before[0] - 1), Float(place - Double(low)))
        }
        let result = Tensor(uninitialized: [count, columns])
        let (x, y) = (pointer, result.pointer)
        for (row, (low, high, share)) in taps.enumerated() {
            for column in 0..<columns {
                y[row * columns + column] =
                    (1 - share) * x[low * columns + column] + share * x[high * columns + column]
            }
        }
        return result.recorded("resample", [self]) { gradient in
            let result = Tensor.zeros(before)
            let (g, dx) = (gradient.pointer, result.pointer)
            for (row, (low, high, share)) in taps.enumerated() {
                for column in 0..<columns {
                    dx[low * columns + column] += (1 - share) * g[row * columns + column]
                    dx[high * columns + column] += share * g[row * columns + column]
                }
            }
            return [result]
        }
    }
}

/// The distances between places along one axis.
private struct RelativeDistances {
    /// For each place of the queries and each of the keys, the table's row.
    let rows: [Int]

    init(queries: Int, keys: Int) {
        let queryScale = max(Double(keys) / Double(queries), 1)
        let keyScale = max(Double(queries) / Double(keys), 1)
        rows = (0..<queries).flatMap { query in
            (0..<keys).map { key in
                Int(Double(query) * queryScale - Double(key) * keyScale + Double(keys - 1) * keyScale)
            }
        }
    }
}
