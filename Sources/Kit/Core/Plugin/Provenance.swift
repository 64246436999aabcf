/// The provenance of a default value. Shown wherever a user sees the default.
public enum Provenance: String, Sendable, CaseIterable {
    /// Stated in arXiv 2304.05600.
    case paper = "paper-stated"
    /// Read in the authors' public inference code.
    case authorsCode = "authors' code"
    /// Derived from what the paper states, or the usual value in public implementations of a cited method.
    case inferred = "inferred"
    /// Chosen by this kit.
    case ours = "ours"
}
