/// Where a text stands in a space that is wider than it.
package enum TextAlignment: Sendable {
    case left, right
}

extension StringProtocol {
    /// The text filled up to `width` characters; unchanged if it has more.
    package func padded(
        to width: Int, _ alignment: TextAlignment = .left, with filler: Character = " "
    ) -> String {
        let padding = String(repeating: filler, count: Swift.max(0, width - count))
        return alignment == .left ? self + padding : padding + self
    }
}
