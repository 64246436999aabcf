import Kit

/// Images as they are.
final class ImagePlot: PlotFunction {
    static let name = "image"
    static let summary =
        "An image [height, width, 3] or [height, width], or several, [time, height, width, 3]."

    @Param("The image.", positional: true) var x: GivenNumbers
    @Param("A .png or .svg file; nil shows it in the terminal.", from: .ours) var path: String? = nil
    @Param("Number of images in a row if there are several; nil arranges them in about a square.", from: .ours)
    var columns: Int? = nil
    @Param(
        "The number for black. Nil takes 0 for a colour image with all numbers in 0..1, else the smallest number, "
            + "since a clip's frames are normalised.",
        from: .ours)
    var low: Double? = nil
    @Param("The number for white; nil takes 1 or the largest number in the same way.", from: .ours) var high: Double? =
        nil

    init() {}

    func drawing() throws -> Drawing {
        if let low, let high, low >= high {
            throw KitError.usage("option 'high' must be above 'low', but is \(high), and 'low' is \(low)")
        }
        let images = Frames(try coloured())
        guard images.count > 1 else { return .image(images) }
        let columns = min(images.count, max(1, columns ?? Int(Double(images.count).squareRoot().rounded(.up))))
        return .image(images.tiled(columns: columns))
    }

    /// [time, height, width, 3].
    private func coloured() throws -> Tensor {
        let extents = x.tensor.shape.extents
        let expected = "[height, width, 3], [height, width] or [time, height, width, 3]"
        if let last = extents.last, last == 3, extents.count >= 3 {
            let shape = extents.count == 3 ? [1] + extents : extents
            let images = try GivenNumbers(option: .object(x.tensor.reshaped(Shape(shape)))).tensor(
                rank: 4, expected: expected)
            let level = level(in: images, usual: 0...1)
            let result = Tensor(uninitialized: images.shape)
            for (index, value) in images.values.enumerated() { result.pointer[index] = Float(level(value)) }
            return result
        }
        let plane = try x.tensor(rank: extents.last == 1 ? 3 : 2, expected: expected)
        let (height, width) = (plane.shape[0], plane.shape[1])
        let level = level(in: plane, usual: nil)
        let result = Tensor(uninitialized: [1, height, width, 3])
        for (index, value) in plane.values.enumerated() {
            let colour = ColourScale.colour(level(value))
            for (part, level) in [colour.red, colour.green, colour.blue].enumerated() {
                result.pointer[index * 3 + part] = Float(level) / 255
            }
        }
        return result
    }

    /// A function from the numbers of a tensor to levels in 0...1. Infinite numbers become 0 or 1, and NaN becomes 0.
    private func level(in tensor: Tensor, usual: ClosedRange<Double>?) -> (Float) -> Double {
        let (black, white) = range(of: tensor, usual: usual)
        return { value in
            let value = Double(value)
            return value > black ? value < white ? (value - black) / (white - black) : 1 : 0
        }
    }

    /// The numbers for black and white: as given, or else the usual range if all numbers are in it.
    private func range(of tensor: Tensor, usual: ClosedRange<Double>?) -> (black: Double, white: Double) {
        var (least, largest) = (Double.infinity, -Double.infinity)
        for value in tensor.values where value.isFinite {
            (least, largest) = (min(least, Double(value)), max(largest, Double(value)))
        }
        if let usual, least >= usual.lowerBound, largest <= usual.upperBound {
            (least, largest) = (usual.lowerBound, usual.upperBound)
        }
        return (low ?? (least.isFinite ? least : 0), high ?? (largest.isFinite ? largest : 1))
    }
}

extension Frames {
    /// All images as one, row after row, with white between them.
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
