import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(ReadFeatures.self) }

/// `kit.features { path = "features/esc50" }`: features from `kit.embed` or `dubkit embed`.
struct ReadFeatures: Function {
    static let name = "features"
    static let summary = "Reads features from a folder of dubkit embed: a table by view (audio, video)."
    static let reference = "numpy's .npy files with this kit's ids.json."
    static let returns: any OptionConvertible.Type = NamedOption<FeatureSet>.self

    @Param("The folder.") var path: String

    func construct() throws -> Any { FeatureSet.table(try FeatureFolder.read(path)) }
}

extension FeatureSet {
    /// The features by view, as a recipe gets them.
    static func table(_ sets: [FeatureSet]) -> OptionValue {
        .table(Options(named: sets.map { ($0.view, .object($0)) }))
    }
}
