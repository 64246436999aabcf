import Foundation
import KitCore
import KitMedia

extension Figure {
    /// The chart as an SVG file.
    package func svg() throws -> String {
        var parts = [
            """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" \
            viewBox="0 0 \(width) \(height)" font-family="sans-serif" font-size="12">
            <rect width="100%" height="100%" fill="#ffffff"/>
            """
        ]
        for mark in marks { parts.append(try svg(mark)) }
        parts.append(
            "<path d=\"M\(n(frame.left)) \(n(frame.top))V\(n(frame.bottom))H\(n(frame.right))\" "
                + "fill=\"none\" stroke=\"#444444\"/>")
        for (value, label) in x.ticks(about: 8) {
            guard let at = place((value, y.range.lowerBound)) else { continue }
            parts.append("<path d=\"M\(n(at.x)) \(n(at.y))v5\" stroke=\"#444444\"/>")
            parts.append(text(label, at.x, at.y + 18, anchor: "middle"))
        }
        for (value, label) in y.ticks(about: 6) {
            guard let at = place((x.range.lowerBound, value)) else { continue }
            parts.append("<path d=\"M\(n(at.x)) \(n(at.y))h-5\" stroke=\"#444444\"/>")
            parts.append(text(label, at.x - 8, at.y + 4, anchor: "end"))
        }
        parts.append(text(x.title, (frame.left + frame.right) / 2, Double(height) - 8, anchor: "middle"))
        let middle = (frame.top + frame.bottom) / 2
        parts.append(
            "<g transform=\"translate(14 \(n(middle))) rotate(-90)\">\(text(y.title, 0, 0, anchor: "middle"))</g>")
        for (index, name) in names.enumerated() {
            let top = frame.top + 14 + Double(index) * 16
            parts.append(
                "<rect x=\"\(n(frame.right - 12))\" y=\"\(n(top - 9))\" width=\"10\" height=\"10\" "
                    + "fill=\"\(hex(ColourScale.distinct(index)))\"/>")
            parts.append(text(name, frame.right - 18, top, anchor: "end"))
        }
        return (parts + ["</svg>", ""]).joined(separator: "\n")
    }

    private func svg(_ mark: Mark) throws -> String {
        switch mark {
        case .line(let points, let colour):
            // Values that are not finite interrupt the line.
            let pieces = points.split { !$0.x.isFinite || !$0.y.isFinite }.map { piece in
                piece.compactMap(place).enumerated().map { "\($0 == 0 ? "M" : "L")\(n($1.x)) \(n($1.y))" }.joined()
            }
            return "<path d=\"\(pieces.joined())\" fill=\"none\" stroke=\"\(hex(colour))\" stroke-width=\"1.5\"/>"
        case .points(let points, let colour):
            return points.compactMap(place).map {
                "<circle cx=\"\(n($0.x))\" cy=\"\(n($0.y))\" r=\"2.5\" fill=\"\(hex(colour))\"/>"
            }.joined(separator: "\n")
        case .strokes(let strokes, let colour):
            let path = strokes.map { stroke in
                guard let low = place((stroke.x, stroke.low)), let high = place((stroke.x, stroke.high)) else {
                    return ""
                }
                return "M\(n(low.x)) \(n(low.y))V\(n(high.y))"
            }
            return "<path d=\"\(path.joined())\" stroke=\"\(hex(colour))\"/>"
        case .image(let image):
            return try Self.image(
                image, left: frame.left, top: frame.top, width: frame.right - frame.left,
                height: frame.bottom - frame.top)
        }
    }

    fileprivate static func image(
        _ image: Frames, left: Double, top: Double, width: Double, height: Double
    ) throws -> String {
        let bytes = try ImageFile.png.bytes(of: 0, image)
        return """
            <image x="\(decimal(left, 1))" y="\(decimal(top, 1))" width="\(decimal(width, 1))" \
            height="\(decimal(height, 1))" preserveAspectRatio="none" image-rendering="pixelated" \
            href="data:image/png;base64,\(Data(bytes).base64EncodedString())"/>
            """
    }

    private func n(_ value: Double) -> String { decimal(value, 1) }

    private func hex(_ colour: ColourScale.Colour) -> String {
        String(format: "#%02x%02x%02x", colour.red, colour.green, colour.blue)
    }

    private func text(_ text: String, _ x: Double, _ y: Double, anchor: String) -> String {
        let escaped = text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
        return "<text x=\"\(n(x))\" y=\"\(n(y))\" text-anchor=\"\(anchor)\" fill=\"#222222\">\(escaped)</text>"
    }
}

extension Frames {
    /// The first image as an SVG file, pixel by pixel.
    package func svg() throws -> String {
        """
        <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)">
        \(try Figure.image(self, left: 0, top: 0, width: Double(width), height: Double(height)))
        </svg>

        """
    }
}
