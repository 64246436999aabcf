extension StringProtocol {
    /// The parts of a text between separators.
    ///
    /// Separators are compared as Unicode scalars. As a `Character`, a separator would merge with a combining accent
    /// behind it, and `split(separator:)` would miss it.
    package func parts(
        separatedBy separator: String, maxSplits: Int = .max, omittingEmpty: Bool = true
    ) -> [String] {
        unicodeScalars.split(
            separator: separator.unicodeScalars, maxSplits: maxSplits, omittingEmptySubsequences: omittingEmpty
        ).map { String(String.UnicodeScalarView($0)) }
    }
}
