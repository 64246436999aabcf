import Testing

/// Marks a suite that changes or counts something that the whole process shares. Such suites run one after the other, after
/// all others, which run in parallel: `scripts/dev/run-tests.sh` finds them by this mark.
public struct Alone: SuiteTrait {
    public let isRecursive = false
    fileprivate init() {}
}

extension Trait where Self == Alone {
    /// - Parameter what: what the suite changes or counts.
    public static func alone(_ what: String) -> Self { Alone() }
}
