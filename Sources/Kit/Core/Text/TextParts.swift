extension StringProtocol {
    /// The parts of a text between separators.
    ///
    /// The separators are found among Unicode's scalars. A `Character` would not do: a part that begins with a combining
    /// accent makes one `Character` with the separator before it, which `split(separator:)` then passes over.
    package func parts(
        separatedBy separator: String, maxSplits: Int = .max, omittingEmpty: Bool = true
    ) -> [String] {
        unicodeScalars.split(
            separator: separator.unicodeScalars, maxSplits: maxSplits, omittingEmptySubsequences: omittingEmpty
        ).map { String(String.UnicodeScalarView($0)) }
    }
}
