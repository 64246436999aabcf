import Foundation
import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(Transcripts.self) }

/// `kit.dataset.transcripts { path = "speech" }`: what is said in sounds or films.
struct Transcripts: Dataset {
    static let name = "transcripts"
    static let summary =
        "What is said in the sounds or films of a folder or manifest: a list with the id, path, text, film and split of each "
        + "(train, held_out, or nil if the manifest states none). Texts are the manifest's label, or text files next to the "
        + "sounds with their names (a.wav, a.txt). kit.embed of the same path gives rows of the same ids."
    static let reference = "This kit; text files next to sounds as in many corpora."
    static let returns: any OptionConvertible.Type = [Options].self

    @Param("Folder, manifest (.jsonl, .csv), tar files or one file, as for kit.dataset.films.") var path: String
    @Param(
        "The label with the text: a string, a table of texts by language, or a list of entries with such a text, as the label speech of samples/make_world.lua.",
        from: .ours)
    var label: String = "text"
    @Param("The language of the text, if a label has several; nil takes the source's original.", from: .ours)
    var language: String? = nil
    @Param("Label that is returned as the film, such as the speaker; nil returns the film.", from: .ours)
    var group: String? = nil
    @Param("Value of {data_root} in a manifest; by default, the variable DUBKIT_DATA_ROOT.", from: .ours)
    var dataRoot: String? = nil
    @Param("Sources without a text or with an empty one: an error, or skip them.", from: .ours) var missing: Missing =
        .error

    enum Missing: String, CaseIterable, ChoiceOption { case error, skip }

    func construct() throws -> Any {
        let sources = try Manifest.read(path, dataRoot: dataRoot)
        let language = try self.language.map { try Language($0) }
        let items = try sources.compactMap { source -> OptionValue? in
            guard let text = try text(of: source, language) else {
                guard missing == .error else { return nil }
                throw KitError(
                    .badData,
                    "\(source.place.isEmpty ? source.mainPath : source.place): has no transcript: neither a label "
                        + "'\(label)' nor a file \(Self.textFile(of: source.mainPath)) (missing = \"skip\" leaves it out)"
                )
            }
            guard text.contains(where: { !$0.isWhitespace }) else {
                guard missing == .error else { return nil }
                throw KitError(
                    .badData,
                    "\(source.place.isEmpty ? source.mainPath : source.place): its transcript is empty (missing = \"skip\" leaves it out)"
                )
            }
            let split = source.split.map { OptionValue.string($0 == .heldOut ? "held_out" : "train") } ?? .null
            return .table(
                Options(named: [
                    ("id", .string(source.id)), ("path", .string(source.mainPath)), ("text", .string(text)),
                    ("film", .string(try film(of: source))), ("split", split),
                ]))
        }
        guard !items.isEmpty else { throw KitError(.badData, "\(path): no source has a transcript") }
        return OptionValue.list(items)
    }

    private func film(of source: ClipSource) throws -> String {
        guard let group else { return source.film }
        var known: [String] = []
        if case .table(let labels) = source.labels {
            if case .string(let text)? = labels.named.first(where: { $0.key == group })?.value { return text }
            known = labels.named.map(\.key)
        }
        throw KitError(
            .badData,
            "\(source.place): has no text '\(group)' among its labels\(NearestName.hint(group, in: known)) "
                + "(it has: \(known.isEmpty ? "none" : known.joined(separator: ", ")))")
    }

    private static func textFile(of path: String) -> String {
        URL(fileURLWithPath: path).deletingPathExtension().appendingPathExtension("txt").path
    }

    /// The text of a source; nil if it has none.
    private func text(of source: ClipSource, _ language: Language?) throws -> String? {
        if case .table(let labels) = source.labels, let value = labels.named.first(where: { $0.key == label })?.value {
            return try text(value, source, language)
        }
        let file = Self.textFile(of: source.mainPath)
        guard source.path != nil, FileManager.default.fileExists(atPath: file) else { return nil }
        return try TextFile.read(file)
    }

    private func text(_ value: OptionValue, _ source: ClipSource, _ language: Language?) throws -> String {
        switch value {
        case .string(let text): return text
        case .list(let entries): return try entries.map { try text($0, source, language) }.joined(separator: " ")
        case .table(let table):
            if let inner = table.named.first(where: { $0.key == "text" })?.value {
                return try text(inner, source, language)
            }
            let known = table.named.map(\.key)
            let spoken = language ?? source.original
            guard let spoken, let inner = table.named.first(where: { Language(tag: $0.key).code == spoken.code })?.value
            else {
                let wanted = spoken.map { " in \($0.code)" } ?? ": give 'language'"
                throw KitError(
                    .badData,
                    "\(source.place): label '\(label)' has no text\(wanted) (it has: \(known.joined(separator: ", ")))")
            }
            return try text(inner, source, language)
        default:
            throw KitError(
                .badData,
                "\(source.place): label '\(label)' is \(value.givenText): expected a text, texts by language "
                    + "or a list of entries with a text")
        }
    }
}
