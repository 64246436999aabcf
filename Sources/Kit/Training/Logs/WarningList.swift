/// Warnings that another process will show.
final class WarningList {
    private var warnings: [String] = []

    func add(_ warning: String) { warnings.append(warning) }

    func take() -> [String] {
        defer { warnings = [] }
        return warnings
    }
}
