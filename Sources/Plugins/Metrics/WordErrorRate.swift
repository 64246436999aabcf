import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(WordErrorRate.self) }

/// Word edits for each spoken word.
final class WordErrorRate: SequenceMetric {
    static let name = "word_error_rate"
    static let summary =
        "Word error rate: substituted, deleted and inserted words of all items for each spoken word. Called with a list of "
        + "recognised texts and a list of the spoken ones, each a string or a list of words."
    static let reference = "jiwer's wer; the word error rate of NIST's sclite without alignment weights"

    @Param("Whether words that differ only in upper and lower case are equal.", from: .ours)
    var ignoreCase: Bool = false
    @Param("Whether characters other than letters, digits and apostrophes are left out first.", from: .ours)
    var ignorePunctuation: Bool = false

    init() {}

    func units(of given: OptionValue) throws -> [String] {
        try plainUnits(of: given).compactMap { word in
            var word = ignoreCase ? word.lowercased() : word
            if ignorePunctuation { word = word.filter { $0.isLetter || $0.isNumber || $0 == "'" || $0 == "’" } }
            return word.isEmpty ? nil : word
        }
    }
}
