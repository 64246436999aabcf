import Foundation
import KitCore
import KitMedia

/// A chart: marks in a frame with two axes.
package struct Figure {
    package struct Axis {
        package let title: String
        package let range: ClosedRange<Double>

        package init(_ title: String, _ range: ClosedRange<Double>) {
            self.title = title
            // An axis of length 0 has no positions.
            self.range =
                range.upperBound > range.lowerBound
                ? range : range.lowerBound - 0.5...range.upperBound + 0.5
        }

        /// From the smallest to the largest of the finite numbers; 0 to 1 if there are none.
        package init(_ title: String, around values: some Sequence<Double>) {
            let finite = values.filter(\.isFinite)
            self.init(title, (finite.min() ?? 0)...(finite.max() ?? 1))
        }

        /// Round numbers along the axis, about `count` of them, with their labels.
        package func ticks(about count: Int) -> [(value: Double, label: String)] {
            let rough = range.upperBound / Double(max(1, count)) - range.lowerBound / Double(max(1, count))
            guard rough.isFinite, rough > 0 else { return [] }
            let power = pow(10, log10(rough).rounded(.down))
            let step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough } ?? rough
            // A step of 1 may come out as 0.99999.
            let exponent = Int((log10(step) + 1e-9).rounded(.down))
            let first = (range.lowerBound / step).rounded(.up)
            let last = (range.upperBound / step).rounded(.down)
            // If the range is so small that a step does not change the number, there are no ticks.
            guard last - first < 100, abs(first) < 1e15 else { return [] }
            return stride(from: first, through: last, by: 1).map { index in
                let value = index * step + 0  // -0 becomes 0.
                let isPlain = abs(exponent) < 6
                return (value, isPlain ? decimal(value, max(0, -exponent)) : String(format: "%.3g", value))
            }
        }
    }

    package typealias Point = (x: Double, y: Double)

    package enum Mark {
        case line([Point], ColourScale.Colour)
        case points([Point], ColourScale.Colour)
        /// Vertical strokes from a low to a high value.
        case strokes([(x: Double, low: Double, high: Double)], ColourScale.Colour)
        /// Fills the frame.
        case image(Frames)
    }

    package let x: Axis
    package let y: Axis
    package let marks: [Mark]
    /// Names of the marks, for a legend; empty for none.
    package let names: [String]
    package let width: Int
    package let height: Int

    package init(x: Axis, y: Axis, _ marks: [Mark], names: [String] = [], width: Int, height: Int) {
        (self.x, self.y, self.marks, self.names, self.width, self.height) = (x, y, marks, names, width, height)
    }

    /// The position of the frame, in pixels from the top left.
    package var frame: (left: Double, top: Double, right: Double, bottom: Double) {
        (62, 12, Double(width) - 14, Double(height) - 44)
    }

    /// The position of a point in pixels; nil if it is not finite.
    package func place(_ point: Point) -> Point? {
        guard point.x.isFinite, point.y.isFinite else { return nil }
        func share(_ value: Double, _ axis: Axis) -> Double {
            (value - axis.range.lowerBound) / (axis.range.upperBound - axis.range.lowerBound)
        }
        return (
            frame.left + share(point.x, x) * (frame.right - frame.left),
            frame.bottom - share(point.y, y) * (frame.bottom - frame.top)
        )
    }
}
