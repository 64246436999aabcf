import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(IsDryRun.self) }

/// `kit.is_dry_run {}`.
struct IsDryRun: Function {
    static let name = "is_dry_run"
    static let summary =
        "Whether the recipe runs with --dry-run. The kit's functions then write no files; a recipe can leave out other work."
    static let reference = "This kit."
    static let returns: any OptionConvertible.Type = Bool.self

    func construct() throws -> Any { Session.current.configuration.isDryRun }
}
