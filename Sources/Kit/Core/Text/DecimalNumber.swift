/// Numbers as files write them: in decimal digits.
package enum DecimalNumber {
    private static let letters = Set("+-.0123456789eE".utf8)

    /// The number that a text spells; nil for anything else, such as "0x10", "nan" or a number that is too large.
    package static func parse(_ text: String) -> Double? {
        guard text.utf8.allSatisfy(letters.contains), let value = Double(text), value.isFinite else { return nil }
        return value
    }
}
