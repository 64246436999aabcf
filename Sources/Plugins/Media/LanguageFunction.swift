import Kit

/// `kit.media.language { tag = "spa" }`.
final class LanguageFunction: MediaFunction {
    static let name = "language"
    static let summary =
        "A language tag as the kit writes it, such as es for spa: what a film's languages are compared with."
    static let reference = "ISO 639 and BCP 47"
    static let returns: any OptionConvertible.Type = String.self

    @Param("The tag (ISO 639, BCP 47).") var tag: String

    init() {}

    func construct() throws -> Any { try Language(tag).description }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(LanguageFunction.self) }
