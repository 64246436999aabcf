/// Warnings that wait to be said by another process.
final class WarningList {
    private var warnings: [String] = []

    func add(_ warning: String) { warnings.append(warning) }

    func take() -> [String] {
        defer { warnings = [] }
        return warnings
    }
}
