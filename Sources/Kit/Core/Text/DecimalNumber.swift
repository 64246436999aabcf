extension Double {
    /// The number that a file or a command line writes in decimal digits; nil for all else, such as "0x10", "nan" and a number
    /// that is too large.
    package init?(decimal text: some StringProtocol) {
        let letters = Set("+-.0123456789eE".utf8)
        guard text.utf8.allSatisfy(letters.contains), let value = Double(text), value.isFinite else { return nil }
        self = value
    }
}
