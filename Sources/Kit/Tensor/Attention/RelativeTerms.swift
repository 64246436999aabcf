import CKernels
import KitCore

/// The products of queries with rows of tables, of which each place of the queries' grid has its own: for an axis,
/// [places of the queries x places of the keys, width].
///
/// All queries at one place of an axis are multiplied by the same rows. On the last axis they are far apart in memory,
/// on the others next to each other.
struct RelativeTerms {
    let batch: Int
    let grid: [Int]
    let keyGrid: [Int]
    let heads: Int
    let width: Int
    let leading: Int
    let precision: ProductPrecision

    var features: Int { heads * width }
    /// Terms of a query and head.
    var places: Int { keyGrid.reduce(0, +) }
    var tokens: Int { leading + Shape.product(grid) }

    /// Queries of one sample at one place of an axis: `count` runs of `length` rows, each row with its heads. Within a run,
    /// rows are `step` queries apart; runs are `distance` apart.
    private struct Group {
        let axis: Int
        let place: Int
        /// The first query, counted in the grid.
        let first: Int
        let count: Int
        let distance: Int
        let length: Int
        let step: Int
    }

    private func groups(_ axis: Int) -> [Group] {
        let inner = Shape.product(grid[(axis + 1)...])
        let outer = Shape.product(grid[..<axis])
        return (0..<grid[axis]).map { place in
            // Queries of the last axis are one row each, a fixed distance apart: one run.
            inner == 1
                ? Group(
                    axis: axis, place: place, first: place, count: 1, distance: 0, length: outer, step: grid[axis])
                : Group(
                    axis: axis, place: place, first: place * inner, count: outer, distance: grid[axis] * inner,
                    length: inner, step: 1)
        }
    }

    private var groups: [Group] { grid.indices.flatMap(groups) }

    /// The first term of an axis.
    private func firstTerm(_ axis: Int) -> Int { keyGrid[..<axis].reduce(0, +) }

    /// Calls `body` with the rows of a group of one sample: the first query's and head's index in [queries, heads], the
    /// number of rows, and the distance between them, both counted in heads.
    private func forEachRun(_ group: Group, _ body: (_ first: Int, _ rows: Int, _ step: Int) -> Void) {
        for run in 0..<group.count {
            let first = (leading + group.first + run * group.distance) * heads
            if group.step == 1 {
                body(first, group.length * heads, 1)
            } else {
                for head in 0..<heads { body(first + head, group.length, group.step * heads) }
            }
        }
    }

    /// Fills [batch, queries, heads, places].
    func apply(_ queries: Tensor, _ tables: [Tensor], into result: Tensor) {
        let (q, y) = (queries.elements(for: precision), result.pointer)
        let all = groups
        let packed = all.map { group in pack(tables[group.axis], group, isTransposed: true) }
        clearLeading(y)
        ThreadPool.shared.forEach(batch * all.count) { index in
            let (sample, group) = (index / all.count, all[index % all.count])
            forEachRun(group) { first, rows, step in
                let row = sample * tokens * heads + first
                Gemm.multiplySerially(
                    Gemm.Rows(q.from(row * width), step: step * width, count: rows), packed[index % all.count],
                    into: y + row * places + firstTerm(group.axis), step: step * places)
            }
        }
        withExtendedLifetime((queries, result, packed)) {}
    }

    /// Fills the gradients: of queries, Σ terms' gradient x rows; of rows, Σ terms' gradientᵀ x queries.
    func addGradients(
        _ queries: Tensor, _ tables: [Tensor], of gradient: Tensor, into queryGradient: Tensor,
        _ tableGradients: [Tensor]
    ) {
        let (q, g, dq) = (queries.elements(for: precision), gradient.pointer, queryGradient.pointer)
        for sample in 0..<batch {
            (dq + sample * tokens * features).update(repeating: 0, count: leading * features)
        }
        // Axis by axis, because each adds to the gradients of all queries.
        for axis in grid.indices {
            let own = groups(axis)
            let packed = own.map { pack(tables[axis], $0, isTransposed: false) }
            ThreadPool.shared.forEach(batch * own.count) { index in
                let (sample, group) = (index / own.count, own[index % own.count])
                forEachRun(group) { first, rows, step in
                    let row = sample * tokens * heads + first
                    Gemm.multiplySerially(
                        Gemm.Rows(g + row * places + firstTerm(axis), step: step * places, count: rows),
                        packed[index % own.count], into: dq + row * width, step: step * width, accumulate: axis > 0)
                }
            }
        }
        let all = groups
        ThreadPool.shared.forEach(all.count) { index in
            let group = all[index]
            let size = keyGrid[group.axis] * width
            let to = tableGradients[group.axis].pointer + group.place * size
            to.update(repeating: 0, count: size)
            for sample in 0..<batch {
                forEachRun(group) { first, rows, step in
                    let row = sample * tokens * heads + first
                    Gemm.addOuterProducts(
                        Gemm.Rows(g + row * places + firstTerm(group.axis), step: step * places, count: rows),
                        Gemm.Rows(q.from(row * width), step: step * width, count: rows), into: to, step: width,
                        m: keyGrid[group.axis], n: width, precision: precision)
                }
            }
        }
        withExtendedLifetime((queries, gradient, queryGradient, tableGradients)) {}
    }

    /// The rows of a group's place: transposed, [width, places of the keys], or as they are.
    private func pack(_ table: Tensor, _ group: Group, isTransposed: Bool) -> PackedFactor {
        let rows = keyGrid[group.axis]
        let first = table.pointer + group.place * rows * width
        defer { withExtendedLifetime(table) {} }
        return isTransposed
            ? PackedFactor(
                first, depth: width, columns: rows, depthStep: 1, columnStep: width, precision: precision)
            : PackedFactor(
                first, depth: rows, columns: width, depthStep: width, columnStep: 1, precision: precision)
    }

    private func clearLeading(_ terms: UnsafeMutablePointer<Float>) {
        for sample in 0..<batch {
            (terms + sample * tokens * heads * places).update(repeating: 0, count: leading * heads * places)
        }
    }
}
