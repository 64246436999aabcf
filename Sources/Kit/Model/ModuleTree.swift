import KitCore
import KitTensor

/// A module and its parts, one per line: name, kind, values of its parameters, MACs if they were counted, and the output shape of
/// the last call.
struct ModuleTree {
    private struct Row {
        let depth: Int
        let label: String
        let module: Module
    }

    private let rows: [Row]
    private let deepest: Int
    private let macs: [ObjectIdentifier: Double]?

    /// - Parameter macs: the multiply-accumulate operations by module.
    init(_ module: Module, macs: [ObjectIdentifier: Double]? = nil) {
        self.macs = macs
        var rows: [Row] = []
        func visit(_ name: String, _ module: Module, _ depth: Int) {
            let kind = module is Chain ? "Chain" : module.summary
            let label = String(repeating: "  ", count: depth) + (name.isEmpty ? kind : "\(name)  \(kind)")
            rows.append(Row(depth: depth, label: label, module: module))
            for child in module.children { visit(child.name, child.module, depth + 1) }
        }
        visit("", module, 0)
        self.rows = rows
        deepest = rows.map(\.depth).max() ?? 0
    }

    /// As deep as fits into `lines`, but at least one level, and as wide as the terminal.
    func text(lines: Int) -> String {
        let fitting = (1...max(1, deepest)).last { depth in rows.count { $0.depth <= depth } <= lines } ?? 1
        return text(depth: fitting, width: Session.current.displayWidth)
    }

    /// - Parameter width: the number of characters of a line; nil for any.
    func text(depth: Int, width: Int? = nil) -> String {
        let shown = rows.filter { $0.depth <= depth }
        let cells = shown.map { row in
            let work = macs.map { [Self.millions($0[ObjectIdentifier(row.module)] ?? 0)] } ?? []
            let shape = row.module.outputShape.map { ["-> \($0)"] } ?? []
            return [row.label, Self.parameters(of: row.module)] + work + shape
        }
        let mode = rows[0].module.isTraining ? "  (training)" : "  (evaluation)"
        func table(_ width: Int?) -> [String] {
            TextTable.lines(
                cells, [.left(), .right()] + (macs == nil ? [] : [.right()]), width: width, cut: .end)
        }
        var lines = table(width)
        // The first line also has the mode.
        if let width, lines[0].count + mode.count > width { lines = table(2 * width - lines[0].count - mode.count) }
        lines[0] += mode
        // With MACs, it is the table of a summary.
        let whole = macs == nil ? "module:tree()" : "summary:text()"
        if depth < deepest { lines.append("... \(deepest - depth) more levels: print(\(whole))") }
        return lines.joined(separator: "\n")
    }

    /// "4,096", "4,096 frozen", or "512 + 3,584 frozen".
    static func parameters(of module: Module) -> String {
        let (all, trained) = (module.parameterCount, module.trainedCount)
        if trained == all { return grouped(all) }
        return (trained == 0 ? "" : "\(grouped(trained)) + ") + "\(grouped(all - trained)) frozen"
    }

    /// "1,814.1 MMAC".
    static func millions(_ macs: Double) -> String {
        let tenths = Int(saturating: (macs / 1e5).rounded())
        return "\(grouped(tenths / 10)).\(tenths % 10) MMAC"
    }
}
