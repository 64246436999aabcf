extension String {
    /// With "a" or "an" in front, by sound: "an augmentation", "a one-way street", "a unit". "one of ..." stays as it is.
    package var withArticle: String {
        guard !hasPrefix("one of ") else { return self }
        let first = lowercased()
        let soundsLikeConsonant = ["one", "uni", "use", "eu"].contains { first.hasPrefix($0) }
        return "aeiou".contains(first.first ?? " ") && !soundsLikeConsonant ? "an \(self)" : "a \(self)"
    }
}
