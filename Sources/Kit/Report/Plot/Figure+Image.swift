import KitMedia

extension Figure {
    /// The chart as an image.
    package func image() -> Frames {
        var canvas = Canvas(width: width, height: height)
        for mark in marks { draw(mark, on: &canvas) }
        let ink: ColourScale.Colour = (68, 68, 68)
        canvas.line((frame.left, frame.top), (frame.left, frame.bottom), ink, thickness: 1)
        canvas.line((frame.left, frame.bottom), (frame.right, frame.bottom), ink, thickness: 1)
        for (value, label) in x.ticks(about: 8) {
            guard let at = place((value, y.range.lowerBound)) else { continue }
            canvas.line(at, (at.x, at.y + 5), ink, thickness: 1)
            canvas.text(label, at: (at.x, at.y + 8), .centre, ink)
        }
        for (value, label) in y.ticks(about: 6) {
            guard let at = place((x.range.lowerBound, value)) else { continue }
            canvas.line(at, (at.x - 5, at.y), ink, thickness: 1)
            canvas.text(label, at: (at.x - 8, at.y - 5), .right, ink)
        }
        canvas.text(x.title, at: ((frame.left + frame.right) / 2, Double(height) - 16), .centre, ink)
        canvas.text(y.title, at: (4, (frame.top + frame.bottom) / 2), .upwards, ink)
        for (index, name) in names.enumerated() {
            let top = frame.top + 5 + Double(index) * 16
            canvas.fill(frame.right - 12, top, 10, 10, ColourScale.distinct(index))
            canvas.text(name, at: (frame.right - 18, top), .right, ink)
        }
        return canvas.image
    }

    private func draw(_ mark: Mark, on canvas: inout Canvas) {
        switch mark {
        case .line(let points, let colour):
            for (from, to) in zip(points, points.dropFirst()) {
                if let from = place(from), let to = place(to) { canvas.line(from, to, colour, thickness: 1.5) }
            }
        case .points(let points, let colour):
            for point in points.compactMap(place) { canvas.disc(point, radius: 2.5, colour) }
        case .strokes(let strokes, let colour):
            for stroke in strokes {
                guard let low = place((stroke.x, stroke.low)), let high = place((stroke.x, stroke.high)) else {
                    continue
                }
                canvas.line(low, high, colour, thickness: 1)
            }
        case .image(let image):
            canvas.image(
                image, left: frame.left, top: frame.top, width: frame.right - frame.left,
                height: frame.bottom - frame.top)
        }
    }
}
