import KitCore

/// A language from any common code: ISO 639-1 (`fr`), ISO 639-2 B or T (`fre`, `fra`), BCP 47 (`fr-CA`).
///
/// Region and script distinguish two tracks of one language: `pt-BR` is not `pt-PT`, but either matches `pt`, and a
/// track in `pt` matches either. No language, and common codes for "unknown", become `und`.
public struct Language: Hashable, Sendable, CustomStringConvertible {
    /// The shortest ISO 639 code: two letters if there is one, else three. `und` if the language is unknown.
    public let code: String
    /// Script, region and variants of a BCP 47 tag in lower case, without the language: "ca" of `fr-CA`.
    public let subtags: String

    public static let undetermined = Language(code: "und", subtags: "")

    private init(code: String, subtags: String) {
        self.code = code
        self.subtags = subtags
    }

    /// Parses user input. An unknown code is an error. Three letters that ISO 639-2 does not list are taken as ISO
    /// 639-3 (`yue`), unless they look like a misspelt name.
    public init(_ text: String) throws {
        let language = Language(tag: text)
        let primary = Self.primary(of: text)
        guard primary.allSatisfy({ $0.isASCII && $0.isLetter }), (2...3).contains(primary.count),
            primary.count == 3 || LanguageTable.entry(primary) != nil
        else {
            throw KitError.usage(
                "'\(text)' is not a language code: expected ISO 639-1 (fr), ISO 639-2 (fra, fre) or BCP 47 (fr-CA)"
                    + Self.hint(primary))
        }
        self = language
    }

    /// Takes any tag from a file: an unknown tag is kept, and a missing one becomes `und`.
    public init(tag: String?) {
        let text = tag ?? ""
        let primary = Self.primary(of: text)
        if let entry = LanguageTable.entry(primary) {
            code = entry.short ?? entry.terminological
        } else {
            code = primary.isEmpty ? "und" : primary
        }
        subtags = text.lowercased().replacingSeparators().dropFirst(primary.count + 1).description
    }

    /// The name in English, or the code if it has none in ISO 639-2.
    public var name: String { LanguageTable.byCode[code]?.name ?? code }

    /// The language itself, without region and script.
    public var withoutSubtags: Language { Language(code: code, subtags: "") }

    /// ISO 639-2/T, as containers write it.
    public var threeLetters: String { LanguageTable.byCode[code]?.terminological ?? code }

    /// Whether both are the same language, and do not state different regions or different scripts.
    public func matches(_ other: Language) -> Bool {
        func agree(_ part: (Language) -> Substring?) -> Bool {
            guard let own = part(self), let others = part(other) else { return true }
            return own == others
        }
        return code == other.code && agree(\.region) && agree(\.script)
    }

    /// Two letters or three digits: "br" of `pt-BR`.
    private var region: Substring? {
        parts.first { $0.count == 2 || $0.count == 3 && $0.allSatisfy(\.isNumber) }
    }

    /// Four letters: "hant" of `zh-Hant`.
    private var script: Substring? { parts.first { $0.count == 4 && $0.allSatisfy(\.isLetter) } }

    /// The subtags before private ones and extensions, which begin with a single letter.
    private var parts: ArraySlice<Substring> { subtags.split(separator: "-").prefix { $0.count > 1 } }

    /// "fr", or "pt-br" if the tag says more.
    public var description: String { subtags.isEmpty ? code : "\(code)-\(subtags)" }

    private static func primary(of text: String) -> String {
        String(text.lowercased().replacingSeparators().prefix { $0 != "-" })
    }

    /// Country codes with the codes of the languages that they are mistaken for.
    package static var codesByCountry: [String: String] { LanguageTable.countries }

    /// ": did you mean 'sv' (Swedish)?" for `se`, a language that was not found and also a country code; else "".
    public var countryHint: String { LanguageTable.countries[code].map { Self.hint(code: $0) } ?? "" }

    private static func hint(_ word: String) -> String {
        if let entry = LanguageTable.byName[word] { return ": did you mean '\(entry.short ?? entry.terminological)'?" }
        if let code = LanguageTable.countries[word] { return hint(code: code) }
        guard let name = NearestName.of(word, in: LanguageTable.byName.keys), let entry = LanguageTable.byName[name]
        else { return "" }
        return hint(code: entry.short ?? entry.terminological)
    }

    private static func hint(code: String) -> String {
        ": did you mean '\(code)' (\(LanguageTable.byCode[code]?.name ?? code))?"
    }
}

extension String {
    /// The tag with `-` instead of `_` (`pt_BR`).
    fileprivate func replacingSeparators() -> String { String(map { $0 == "_" ? "-" : $0 }) }
}
