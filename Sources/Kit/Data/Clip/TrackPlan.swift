import KitCore
import KitMedia

/// The sound tracks of a batch and their names: the option `tracks` of a dataset.
///
///     tracks = "en"                                                   -- clip.audio.en
///     tracks = { "en", "es" }                                         -- clip.audio.en, clip.audio.es
///     tracks = { primary = "en", secondary = { "es", "fr", "ja" } }   -- clip.audio.primary, clip.audio.secondary
///     tracks = { primary = "original", secondary = "es,fr" }          -- the language that the manifest calls original
public struct TrackPlan: OptionConvertible {
    /// A language, or the film's original according to the manifest.
    public enum Choice: Equatable, CustomStringConvertible {
        case language(Language)
        case original

        init(_ text: String) throws { self = text == "original" ? .original : .language(try Language(text)) }

        public var description: String {
            switch self {
            case .language(let language): "\(language)"
            case .original: "original"
            }
        }
    }

    /// A name and its possible languages.
    public struct Role {
        public let name: String
        public let choices: [Choice]
        /// Whether it was given as a list, for which `policy` applies.
        public let isList: Bool
    }

    public let roles: [Role]
    private let text: String
    public let optionValue: OptionValue

    public static var optionTypeName: String { "language, list of languages, or table of names to either" }

    public init(option: OptionValue) throws {
        optionValue = option
        switch option {
        case .string(let word):
            roles = try Self.choices(word).map { Role(name: "\($0)", choices: [$0], isList: false) }
        case .list(let values) where !values.isEmpty:
            roles = try Self.words(values).flatMap { word in
                try Self.choices(word).map { Role(name: "\($0)", choices: [$0], isList: false) }
            }
        case .table(let options) where options.list.isEmpty && !options.named.isEmpty:
            roles = try options.named.sortedByBytes(of: \.key).map { name, value in
                switch value {
                case .string(let word):
                    return Role(name: name, choices: try Self.choices(word), isList: word.contains(","))
                case .list(let values) where !values.isEmpty:
                    let words = try OptionMismatch.naming(".\(name)", value) { _ in try Self.words(values) }
                    return Role(name: name, choices: try words.flatMap(Self.choices), isList: true)
                default:
                    return try OptionMismatch.naming(".\(name)", value) { _ in
                        throw OptionMismatch(expected: "a language or list of languages")
                    }
                }
            }
        default: throw OptionMismatch(expected: "a \(Self.optionTypeName)")
        }
        text = roles.map { "\($0.name) = \($0.choices.map(\.description).joined(separator: ","))" }.joined(
            separator: ", ")
    }

    public var optionText: String { "{ \(text) }" }

    private static func words(_ values: [OptionValue]) throws -> [String] {
        try values.enumerated().map { index, value in
            try OptionMismatch.naming("[\(index + 1)]", value) { value in
                guard case .string(let word) = value else { throw OptionMismatch(expected: "a language") }
                return word
            }
        }
    }

    private static func choices(_ words: String) throws -> [Choice] {
        let choices = try words.split(separator: ",").map { try Choice($0.filter { $0 != " " }) }
        guard !choices.isEmpty else { throw KitError.usage("'\(words)' names no language") }
        return choices
    }
}

/// How to read a name with several languages.
public enum TrackPolicy: String, ChoiceOption, Sendable {
    /// Draws one of them for each use of a clip.
    case draw
    /// Reads all of them, each under its own name. The name itself gives the list.
    case all
}
