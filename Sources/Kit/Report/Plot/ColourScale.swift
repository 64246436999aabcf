/// Colours for numbers and for categories.
package enum ColourScale {
    package typealias Colour = (red: UInt8, green: UInt8, blue: UInt8)

    /// From nearly black over violet and orange to pale yellow, with evenly rising lightness.
    private static let stops: [[Double]] = [
        [8, 6, 24], [44, 18, 84], [101, 26, 110], [158, 43, 101], [212, 72, 66], [244, 125, 21], [250, 188, 44],
        [252, 252, 190],
    ]

    /// The colour of a level in 0...1; NaN gets that of 0.
    package static func colour(_ level: Double) -> Colour {
        let place = min(max(level.isFinite ? level : 0, 0), 1) * Double(stops.count - 1)
        let index = min(Int(place), stops.count - 2)
        let share = place - Double(index)
        let mixed = zip(stops[index], stops[index + 1]).map { UInt8(($0 + ($1 - $0) * share).rounded()) }
        return (mixed[0], mixed[1], mixed[2])
    }

    /// Colours that people with any colour vision can distinguish: those of Okabe and Ito.
    private static let distinct: [Colour] = [
        (0, 114, 178), (213, 94, 0), (0, 158, 115), (204, 121, 167), (230, 159, 0), (86, 180, 233), (120, 120, 120),
    ]

    package static func distinct(_ index: Int) -> Colour { distinct[index % distinct.count] }
}
