import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(ShowProgress.self) }

/// `kit.progress { total = 24, noun = "pairs" }`.
struct ShowProgress: Function {
    static let name = "progress"
    static let summary =
        "Shows the progress of a script's own work, like a training's: a bar on a terminal, a line every few seconds elsewhere, nothing with --progress none. Call its advance() after each item."
    static let reference = "As tqdm in Python."
    static let returns: any OptionConvertible.Type = WorkProgress.self

    @Param("Number of items, 0 or more.") var total: Int
    @Param("The items, in the plural.", from: .ours) var noun: String = "items"
    @Param("What has been done to an item.", from: .ours) var verb: String = "finished"

    func validate() throws {
        guard total >= 0 else { throw KitError.usage("option 'total' must be 0 or more, but is \(total)") }
    }

    func construct() throws -> Any { try WorkProgress(verb, noun, of: total) }
}
