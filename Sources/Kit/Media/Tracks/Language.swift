import KitCore

/// A language, however it is written: ISO 639-1 (`fr`), ISO 639-2 B or T (`fre`, `fra`), BCP 47 (`fr-CA`).
///
/// Region and script tell apart two tracks of one language: `pt-BR` is not `pt-PT`, but either will do for `pt`, and a track
/// that is `pt` for either. No language, and the codes for "not known" in use, are `und`.
public struct Language: Hashable, Sendable, CustomStringConvertible {
    /// The shortest ISO 639 code there is: two letters, else three. `und` if it is not known.
    public let code: String
    /// Script, region and variants of a BCP 47 tag in lower case, without the language: "ca" of `fr-CA`.
    public let subtags: String

    public static let undetermined = Language(code: "und", subtags: "")

    private init(code: String, subtags: String) {
        self.code = code
        self.subtags = subtags
    }

    /// Reads what a user wrote. An unknown code is an error; three letters that ISO 639-2 does not list are taken as
    /// ISO 639-3 (`yue`), unless they look like a slip of a name.
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

    /// Takes what a file says, whatever it is: an unknown tag stands for itself, none is `und`.
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

    /// The same language, unless both say a region, or both a script, and not the same.
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

    /// The subtags before private ones and extensions, which a single letter begins.
    private var parts: ArraySlice<Substring> { subtags.split(separator: "-").prefix { $0.count > 1 } }

    /// "fr", or "pt-br" where the tag says more.
    public var description: String { subtags.isEmpty ? code : "\(code)-\(subtags)" }

    private static func primary(of text: String) -> String {
        String(text.lowercased().replacingSeparators().prefix { $0 != "-" })
    }

    /// Codes of countries with those of the languages that are meant by them.
    package static var codesByCountry: [String: String] { LanguageTable.countries }

    /// ": did you mean 'sv' (Swedish)?" for `se`, a language of which nothing was found and the code of a country; else "".
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
    /// With `-` for `_` (`pt_BR`).
    fileprivate func replacingSeparators() -> String { String(map { $0 == "_" ? "-" : $0 }) }
}
