import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(PhoneErrorRate.self) }

/// Phone edits for each spoken phone.
final class PhoneErrorRate: SequenceMetric {
    static let name = "phone_error_rate"
    static let summary =
        "Phone error rate: substituted, deleted and inserted phones of all items for each spoken phone. Called with a list "
        + "of recognised phones and a list of the spoken ones, each a list of strings or a text with spaces between phones."
    static let reference =
        "Lee and Hon 1989 (Speaker-independent phone recognition), section 4: phones folded together, silence not counted"

    @Param("Phones that are not counted, such as \"sil\".", from: .ours) var ignore: [String] = []
    @Param("Phones that count as others, by name: { ix = \"ih\" }.", from: .ours)
    var fold: NamedOption<String> = NamedOption()

    init() {}

    func units(of given: OptionValue) throws -> [String] {
        let folded = Dictionary(fold.entries.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        return try plainUnits(of: given).map { folded[$0] ?? $0 }.filter { !ignore.contains($0) }
    }
}
