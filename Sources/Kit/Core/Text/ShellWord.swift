import Foundation

extension String {
    /// The text as one word for the shell.
    package var shellQuoted: String {
        let plain = unicodeScalars.allSatisfy {
            CharacterSet.alphanumerics.contains($0) || "_-./=,:@%+".unicodeScalars.contains($0)
        }
        return plain && !isEmpty ? self : "'\(replacingOccurrences(of: "'", with: "'\\''"))'"
    }
}
