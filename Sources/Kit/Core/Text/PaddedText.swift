/// The side of its room on which a text stands.
package enum TextAlignment: Sendable {
    case left, right
}

extension StringProtocol {
    /// The text made as long as `width` characters, as it is if it is longer.
    package func padded(
        to width: Int, _ alignment: TextAlignment = .left, with filler: Character = " "
    ) -> String {
        let padding = String(repeating: filler, count: Swift.max(0, width - count))
        return alignment == .left ? self + padding : padding + self
    }
}
