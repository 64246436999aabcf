import Kit

/// Pictures as they are.
final class ImagePlot: PlotFunction {
    static let name = "image"
    static let summary =
        "A picture [height, width, 3] in 0..1, one number a pixel as [height, width], or several, [time, height, width, 3]."

    @Param("The picture; of one channel, the least number is dark and the largest light.", positional: true)
    var x: GivenNumbers
    @Param("A .png or .svg file; nil shows it in the terminal.", from: .ours) var path: String? = nil
    @Param("Pictures in a row where there are several; nil makes about a square.", from: .ours)
    var columns: Int? = nil

    init() {}

    func drawing() throws -> Drawing {
        let pictures = Frames(try coloured())
        guard pictures.count > 1 else { return .picture(pictures) }
        let columns = min(pictures.count, max(1, columns ?? Int(Double(pictures.count).squareRoot().rounded(.up))))
        return .picture(pictures.tiled(columns: columns))
    }

    /// [time, height, width, 3].
    private func coloured() throws -> Tensor {
        let extents = x.tensor.shape.extents
        let expected = "[height, width, 3], [height, width] or [time, height, width, 3]"
        if let last = extents.last, last == 3, extents.count >= 3 {
            let shape = extents.count == 3 ? [1] + extents : extents
            return try GivenNumbers(option: .object(x.tensor.reshaped(Shape(shape)))).tensor(
                rank: 4, expected: expected)
        }
        let plane = try x.tensor(rank: extents.last == 1 ? 3 : 2, expected: expected)
        let (height, width) = (plane.shape[0], plane.shape[1])
        let values = plane.values
        let finite = values.filter(\.isFinite)
        let (low, high) = (Double(finite.min() ?? 0), Double(finite.max() ?? 1))
        let result = Tensor(uninitialized: [1, height, width, 3])
        for (index, value) in values.enumerated() {
            let colour = ColourScale.colour((Double(value) - low) / max(high - low, .leastNormalMagnitude))
            for (part, level) in [colour.red, colour.green, colour.blue].enumerated() {
                result.pointer[index * 3 + part] = Float(level) / 255
            }
        }
        return result
    }
}

extension Frames {
    /// All pictures as one, row after row, with white between them.
    fileprivate func tiled(columns: Int) -> Frames {
        let rows = (count + columns - 1) / columns
        var sheet = Frames(
            count: 1, height: rows * (height + 2) - 2, width: columns * (width + 2) - 2)
        for index in sheet.values.indices { sheet.values[index] = 255 }
        for index in 0..<count {
            let (top, left) = (index / columns * (height + 2), index % columns * (width + 2))
            for row in 0..<height {
                let from = (index * height + row) * width * 3
                let to = ((top + row) * sheet.width + left) * 3
                sheet.values.replaceSubrange(to..<to + width * 3, with: values[from..<from + width * 3])
            }
        }
        return sheet
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(ImagePlot.self) }
