import Glibc
import KitCore

/// The text of a tensor: its shape, statistics and as many elements as fit.
extension Tensor: CustomStringConvertible {
    public var description: String {
        var text = title
        if count > 1 { text += "\n  \(statistics)" }
        return count == 0 ? text : text + "\n" + rows(offset: 0, axis: 0, indent: "  ")
    }

    /// The same in one line: the elements if they are few, else their statistics.
    var line: String {
        guard count > 0 else { return title }
        let isShort = shape.rank < 2 && count <= Self.shownColumns
        return isShort ? "\(title) \(rows(offset: 0, axis: 0, indent: ""))" : "\(title)  \(statistics)"
    }

    private var title: String {
        let gradient = requiresGrad ? ", requires grad" : needsGrad ? ", has grad history" : ""
        return "tensor \(shape) float32\(gradient)"
    }

    /// "min -1.5  mean 0.02  max 1.25" over the finite elements, and the number of others.
    private var statistics: String {
        var (low, high, sum, finite, nan) = (Float.infinity, -Float.infinity, 0.0, 0, 0)
        for value in UnsafeBufferPointer(start: pointer, count: count) {
            if value.isNaN { nan += 1 }
            guard value.isFinite else { continue }
            low = Swift.min(low, value)
            high = Swift.max(high, value)
            sum += Double(value)
            finite += 1
        }
        var parts: [String] = []
        if finite > 0 {
            parts.append(
                "min \(Self.text(low))  mean \(Self.text(Float(sum / Double(finite))))  max \(Self.text(high))")
        }
        if nan > 0 { parts.append("NaN \(nan)") }
        if count - finite - nan > 0 { parts.append("infinite \(count - finite - nan)") }
        return parts.joined(separator: "  ")
    }

    private static let shownRows = 6
    private static let shownColumns = 8
    /// For the axes before the last two.
    private static let shownParts = 2

    /// The elements at one index of the outer axes, in nested brackets. If there are many, the middle ones are left
    /// out.
    private func rows(offset: Int, axis: Int, indent: String) -> String {
        guard axis < shape.rank else { return indent + Self.text(pointer[offset]) }
        let step = Shape.product(shape.extents[(axis + 1)...])
        let isLast = axis == shape.rank - 1
        let limit = isLast ? Self.shownColumns : axis < shape.rank - 2 ? Self.shownParts : Self.shownRows
        let shown = Self.shown(shape[axis], atMost: limit)
        if isLast {
            return indent + "["
                + shown.map { $0.map { Self.text(pointer[offset + $0]) } ?? "..." }.joined(separator: ", ") + "]"
        }
        let lines = shown.map { index in
            index.map { rows(offset: offset + $0 * step, axis: axis + 1, indent: indent + " ") } ?? indent + " ..."
        }
        return indent + "[\n" + lines.joined(separator: "\n") + "\n" + indent + "]"
    }

    /// The indices to show; nil stands for those left out.
    private static func shown(_ extent: Int, atMost limit: Int) -> [Int?] {
        guard extent > limit else { return Array(0..<extent) }
        return Array(0..<limit / 2) + [nil] + Array(extent - limit / 2..<extent)
    }

    /// A number with four significant digits: "0.1235", "-12.5", "1.235e-07".
    static func text(_ value: Float) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-inf" : "inf" }
        if value == value.rounded(), Swift.abs(value) < 1e6 { return "\(Int(value))" }
        var buffer = [CChar](repeating: 0, count: 32)
        _ = withVaList([Double(value)]) { vsnprintf(&buffer, buffer.count, "%.4g", $0) }
        return String(cBuffer: buffer)
    }
}
