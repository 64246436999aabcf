import Foundation
import Kit

/// The input of earlier sessions: `$XDG_STATE_HOME/dubkit/history`, one entry per line, with `\n` for a line break.
///
/// Every entry is appended at once, so that parallel sessions lose nothing.
package struct HistoryFile {
    package let path: String
    private static let most = 10_000

    package init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        let state = environment["XDG_STATE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        path = "\(state ?? (environment["HOME"] ?? "") + "/.local/state")/dubkit/history"
    }

    /// The entries, oldest first; empty if the file cannot be read. A long file is shortened.
    package func read() -> [String] {
        guard let data = FileManager.default.contents(atPath: path) else { return [] }
        let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
        let kept = lines.suffix(Self.most)
        if lines.count > 2 * Self.most { replace(with: kept) }
        return kept.map(Self.decode)
    }

    /// Appends an entry. A failure is ignored, because the history is not essential.
    package func append(_ entry: String) {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        try? FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        let line = Array("\(Self.encode(entry))\n".utf8)
        _ = write(descriptor, line, line.count)
        close(descriptor)
    }

    private func replace(with lines: ArraySlice<Substring>) {
        // The file keeps its permissions.
        try? AtomicFile.write((lines.joined(separator: "\n") + "\n").utf8, to: path)
    }

    private static func encode(_ entry: String) -> String {
        entry.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\n", with: "\\n")
    }

    private static func decode(_ line: Substring) -> String {
        var (text, isEscaped) = ("", false)
        for letter in line {
            if isEscaped {
                text.append(letter == "n" ? "\n" : letter)
                isEscaped = false
            } else if letter == "\\" {
                isEscaped = true
            } else {
                text.append(letter)
            }
        }
        return text
    }
}
