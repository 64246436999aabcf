extension String {
    /// Whether it comes before another text in the order of their UTF-8 bytes.
    ///
    /// Names from outside (files, films, labels) are sorted so. `<` calls two names equal that differ only in whether their
    /// accents are composed, so that their order would be that in which a folder happens to list them. Of ASCII texts both
    /// orders are the same.
    public func precedes(_ other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }
}

extension Sequence {
    /// The elements in the order of the UTF-8 bytes of a text of each.
    public func sortedByBytes(of text: (Element) -> String) -> [Element] {
        sorted { text($0).precedes(text($1)) }
    }
}

extension Sequence<String> {
    /// The texts in the order of their UTF-8 bytes.
    public func sortedByBytes() -> [String] { sorted { $0.precedes($1) } }
}
