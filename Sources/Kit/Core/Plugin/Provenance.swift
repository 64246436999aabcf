/// Where a default value comes from. Shown wherever a user sees the default.
public enum Provenance: String, Sendable, CaseIterable {
    /// Stated in arXiv 2304.05600.
    case paper = "paper-stated"
    /// Read in the authors' public inference code.
    case authorsCode = "authors' code"
    /// Follows from what is stated, or is the usual value of the public implementations of a cited method.
    case inferred = "inferred"
    /// Chosen by this kit.
    case ours = "ours"
}
