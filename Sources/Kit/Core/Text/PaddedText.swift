/// The alignment of a text in a wider space.
package enum TextAlignment: Sendable {
    case left, right
}

extension StringProtocol {
    /// The text padded to `width` characters; unchanged if it is longer.
    package func padded(
        to width: Int, _ alignment: TextAlignment = .left, with filler: Character = " "
    ) -> String {
        let padding = String(repeating: filler, count: Swift.max(0, width - count))
        return alignment == .left ? self + padding : padding + self
    }
}
