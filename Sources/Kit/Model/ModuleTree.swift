import KitCore
import KitTensor

/// A module and what it is made of, a line each: its name, what it is, its trained values, and the shape of what it gave
/// when it was last called.
struct ModuleTree {
    private struct Row {
        let depth: Int
        let label: String
        let module: Module
    }

    private let rows: [Row]
    private let deepest: Int

    init(_ module: Module) {
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

    /// As deep as `lines` allow, but one level at least.
    func text(lines: Int) -> String {
        let fitting = (1...max(1, deepest)).last { depth in rows.count { $0.depth <= depth } <= lines } ?? 1
        return text(depth: fitting)
    }

    func text(depth: Int) -> String {
        let shown = rows.filter { $0.depth <= depth }
        let counts = shown.map { Self.grouped($0.module.parameterCount) }
        let shapes = shown.map { $0.module.outputShape.map { "  -> \($0)" } ?? "" }
        let width = shown.map(\.label.count).max() ?? 0
        let digits = counts.map(\.count).max() ?? 0
        var lines = shown.indices.map { index in
            let label = shown[index].label
            return label + String(repeating: " ", count: width - label.count + 2 + digits - counts[index].count)
                + counts[index] + shapes[index]
        }
        lines[0] += rows[0].module.isTraining ? "  (training)" : "  (evaluation)"
        if depth < deepest { lines.append("... \(deepest - depth) levels more: print(module:tree())") }
        return lines.joined(separator: "\n")
    }

    /// "3,794,322".
    private static func grouped(_ number: Int) -> String {
        var text = ""
        for (index, digit) in String(number).reversed().enumerated() {
            if index > 0, index % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return String(text.reversed())
    }
}
