import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(NearestNameFunction.self) }

/// `kit.nearest_name { name = "slr", names = { "slt", "rms" } }`.
struct NearestNameFunction: Function {
    static let name = "nearest_name"
    static let summary =
        "The valid name that a mistyped one most likely meant, for messages: the one with the smallest edit distance, at "
        + "most a third of its letters; nil if there is none."
    static let reference = "This kit."
    static let returns: any OptionConvertible.Type = String?.self

    @Param("What was given.") var name: String
    @Param("The valid names.") var names: [String]

    init() {}

    func construct() throws -> Any { NearestName.of(name, in: names).optionValue }
}
