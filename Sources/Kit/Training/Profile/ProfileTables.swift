import KitCore
import KitTensor

/// A profile as two tables, by op and by layer, averaged over steps.
///
///     by op                      time     %  calls     GB  GFLOP  of limit
///     conv3d backward        812.1 ms  49.5     78   9.12   75.5       62%
///
/// The limit is the time that the machine's arithmetic and memory need at least: flops divided by the peak of the
/// instruction set in use, or bytes divided by the rate of a pass over memory, whichever is longer (`MachineLimits`).
/// Algorithms with fewer operations than the definition can beat it, and a line then says so.
struct ProfileTables {
    private struct Row {
        let name: String
        var seconds = 0.0
        var calls = 0
        var bytes = 0
        var flops = 0.0
        /// Seconds at the limits, span by span.
        var least = 0.0
    }

    private static let mostRows = 20
    let lines: [String]

    /// - Parameters:
    ///   - spans: the records of the steps.
    ///   - steps: their seconds.
    ///   - limits: those of the machine.
    ///   - width: the number of characters of a line; nil for any. Long names of layers are cut.
    init(_ spans: [Profiler.Span], steps: [Double], limits: MachineLimits, width: Int? = nil) {
        let spans = spans.filter { $0.phase != .wait }
        let total = steps.reduce(0, +)
        let count = Double(steps.count)
        func rows(_ key: (Profiler.Span) -> String) -> [Row] {
            var rows: [String: Row] = [:]
            for span in spans {
                let name = key(span)
                var row = rows[name] ?? Row(name: name)
                row.seconds += span.seconds
                row.calls += 1
                row.bytes += span.bytes
                row.flops += span.flops
                row.least += max(span.flops / limits.flops, Double(span.bytes) / limits.bandwidth)
                rows[name] = row
            }
            return rows.values.sorted { ($0.seconds, $1.name) > ($1.seconds, $0.name) }
        }
        func cells(_ row: Row) -> [String] {
            let isWork = row.bytes > 0
            return [
                row.name, "\(decimal(row.seconds / count * 1000, 1)) ms", decimal(100 * row.seconds / total, 1),
                decimal(Double(row.calls) / count, 0),
                isWork ? decimal(Double(row.bytes) / count * 1e-9, 2) : "",
                row.flops > 0 ? decimal(row.flops / count * 1e-9, 1) : "",
                isWork ? "\(decimal(100 * row.least / max(row.seconds, 1e-12), 0))%" : "",
            ]
        }
        func table(_ title: String, _ rows: [Row]) -> [String] {
            let head = [title, "time", "%", "calls", "GB", "GFLOP", "of limit"]
            let columns: [TextTable.Column] =
                [.left(atLeast: width == nil ? 28 : 0)] + [10, 5, 5, 6, 7, 8].map { .right(atLeast: $0) }
            let left = rows.dropFirst(Self.mostRows)
            let rest =
                left.isEmpty
                ? [] : ["(\(left.count) more: \(decimal(left.reduce(0) { $0 + $1.seconds } / count * 1000, 1)) ms)"]
            return TextTable.lines([head] + rows.prefix(Self.mostRows).map(cells), columns, width: width) + rest
        }
        let (ops, layers) = (
            rows { $0.phase == .step ? $0.name : "\($0.name) \($0.phase.rawValue)" },
            rows { $0.layer.isEmpty ? "(no layer)" : $0.layer }
        )
        let isAbove = (ops.prefix(Self.mostRows) + layers.prefix(Self.mostRows)).contains { row in
            row.bytes > 0 && row.least > 1.005 * row.seconds
        }
        let unnoted = total - spans.reduce(0) { $0 + $1.seconds }
        lines =
            [
                "profile of \(counted(steps.count, "step")), \(decimal(total / count, 3)) s each; limits: "
                    + "\(decimal(limits.flops * 1e-9, 0)) GFLOP/s in \(limits.precision), \(decimal(limits.bandwidth * 1e-9, 1)) GB/s"
            ]
            + table("by op", ops)
            + ["between the ops: \(decimal(unnoted / count * 1000, 1)) ms"]
            + table("by layer", layers)
            + (isAbove
                ? [
                    "above 100% of the limit: an algorithm with fewer operations than the definition, as for 3x3 convolutions,",
                    "or data that is still in the caches of the processor",
                ] : [])
    }
}
