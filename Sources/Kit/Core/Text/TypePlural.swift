extension String {
    /// The name of a type in the plural: "integers", "lists of integers", "tensors or numbers". "one of ..." stays as it is.
    package var typePlural: String {
        guard !hasPrefix("one of ") else { return self }
        return split(separator: " or ").map { words -> String in
            if words == "nil" { return "nil" }
            guard let end = words.firstRange(of: " of ")?.lowerBound else { return "\(words)s" }
            return "\(words[..<end])s\(words[end...])"
        }.joined(separator: " or ")
    }
}
