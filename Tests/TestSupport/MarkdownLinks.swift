import Foundation

/// Links from a page of Markdown to other files.
public enum MarkdownLinks {
    /// The relative links of a page that lead nowhere.
    public static func broken(in page: URL) throws -> [String] {
        try String(contentsOf: page, encoding: .utf8).matches(of: #/\]\(([^)#\s]+)[^)]*\)/#).map { String($0.1) }
            .filter { link in
                let path = page.deletingLastPathComponent().appendingPathComponent(link).path
                return !link.hasPrefix("http") && !FileManager.default.fileExists(atPath: path)
            }
    }
}
