/// Something in a folder or tar file of films that is skipped, and why.
public struct SkippedFile: Equatable, Sendable {
    public enum Reason: String, CaseIterable, Sendable {
        case hidden
        case brokenLink = "a link to nothing"
        case sameFolder = "a link to a folder that is already searched"
        case sameFile = "another name of a film that is already listed"
        case notUTF8 = "the name is not UTF-8"
        case unreadable = "cannot be read"
        case notAFile = "neither a file nor a folder"
        case link = "a link or device in a tar file"
        case leadsOut = "a name in a tar file that leads out of it"
        case noSound = "a transcript without a sound"
        case noMedia = "a sample without a film or sound"
        case compressed = "a compressed tar file: decompress it first"
        case unusedMember = "neither film, sound, label nor text"
        case foreign = "a kind of film or sound that the kit does not open"
    }

    public let reason: Reason
    /// Its path in the folder, with bytes that are not UTF-8 as `\xE9`.
    public let name: String

    public init(_ reason: Reason, _ name: String) { (self.reason, self.name) = (reason, name) }

    /// A line for each reason: ".cache, .trash: hidden", and from four names on ".a, .b, .c and 7 more: hidden".
    public static func lines(_ all: [SkippedFile]) -> [String] {
        Reason.allCases.compactMap { reason in
            let names = all.filter { $0.reason == reason }.map(\.name).sortedByBytes()
            guard !names.isEmpty else { return nil }
            let rest = names.count > 3 ? " and \(names.count - 3) more" : ""
            return "\(names.prefix(3).joined(separator: ", "))\(rest): \(reason.rawValue)"
        }
    }
}
