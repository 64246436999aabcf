import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(ReadFeatures.self) }

/// `kit.features { path = "features/esc50" }`: what `kit.embed` or `dubkit embed` wrote.
struct ReadFeatures: Function {
    static let name = "features"
    static let summary = "Reads features from a folder that dubkit embed wrote: a table of them by view (audio, video)."
    static let source = "numpy's .npy files with this kit's ids.json."
    static let returns: any OptionConvertible.Type = Named<FeatureSet>.self

    @Param("The folder.") var path: String

    func construct() throws -> Any { FeatureSet.table(try FeatureFolder.read(path)) }
}

extension FeatureSet {
    /// Views by name, as a recipe gets them.
    static func table(_ sets: [FeatureSet]) -> OptionValue {
        .table(Options(named: sets.map { ($0.view, .object($0)) }))
    }
}
