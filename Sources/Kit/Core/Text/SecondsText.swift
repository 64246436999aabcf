/// "12.345 s".
package func seconds(_ value: Double) -> String { "\(value.inMilliseconds) s" }

extension Double {
    /// "12.000": seconds, for names of clips and messages.
    package var inMilliseconds: String {
        // Thousandths mean nothing above this.
        guard abs(self) < 1e12 else { return "\(self)" }
        let thousandths = Int((self * 1000).rounded())
        let fraction = String(1000 + abs(thousandths) % 1000).dropFirst()
        return "\(thousandths < 0 ? "-" : "")\(abs(thousandths) / 1000).\(fraction)"
    }
}
