import Glibc

/// Prints "warning: ..." on standard error in one write, for what a run's log does not cover.
package func warn(_ text: String) {
    _ = Array("warning: \(text.printable)\n".utf8).withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
