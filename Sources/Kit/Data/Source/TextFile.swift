import Foundation
import Glibc
import KitCore

/// Text files from people and other programs: lists, tables, manifests.
package enum TextFile {
    /// The text of a file, with lines that end in \n and without a byte order mark.
    ///
    /// - Parameter hint: the text after the path in the message for a file that is missing or cannot be read.
    package static func read(_ path: String, hint: String = "") throws -> String {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: FileName.existing(path)))
        } catch {
            throw KitError(.noInput, "\(path): cannot be read: \(hint.isEmpty ? reason(path) : hint)")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw KitError(.badData, "\(path): not UTF-8 text")
        }
        // Compare scalars: a combining accent at the beginning of a line would merge with the line break before it.
        return String(text.unicodeScalars.drop { $0 == "\u{FEFF}" }).parts(separatedBy: "\r\n", omittingEmpty: false)
            .joined(separator: "\n")
    }

    /// The system's reason why a file cannot be read.
    private static func reason(_ path: String) -> String {
        if let kind = FileName.waitingKind(path) { return "it is \(kind)" }
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return String(cString: strerror(errno)) }
        defer { close(file) }
        var byte: UInt8 = 0
        return Glibc.read(file, &byte, 1) < 0 ? String(cString: strerror(errno)) : "it changed in the meantime"
    }
}
