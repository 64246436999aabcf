import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(FeatureRetrieval.self) }

/// `kit.evaluate.feature_retrieval { ... }`: the measurement of `kit.evaluate.retrieval` on existing features.
final class FeatureRetrieval: Evaluation {
    static let name = "feature_retrieval"
    static let summary =
        "Cross-modal retrieval between features of the same rows, such as an original and its dub, or audio and video of "
        + "one width: the results of kit.evaluate.retrieval."
    static let reference = Retrieval.reference

    @Param("Two or more features from kit.embed or kit.features.") var features: [FeatureSet]
    @Param(
        "Number of draws of films for the 95 % interval of each result; 0 gives none.", in: 0...1_000_000, from: .ours)
    var resamples: Int = 1000

    init() {}

    func validate() throws {
        guard features.count > 1 else { throw KitError.usage("option 'features' must list two or more") }
        if let framed = features.first(where: { $0.frames != nil }) {
            throw KitError.usage(
                "option 'features': '\(framed.view)' has frames: choose one vector with pool(\"mean\")")
        }
        for set in features.dropFirst() {
            guard set.encoder == features[0].encoder else {
                throw KitError.usage(
                    "option 'features' mixes the features of different encoders: \(features[0].encoder); \(set.encoder)"
                )
            }
            guard set.ids == features[0].ids else {
                throw KitError.usage("option 'features': '\(features[0].view)' and '\(set.view)' have different rows")
            }
        }
    }

    func evaluate() throws -> EvaluationReport {
        try RetrievalReport.make(
            features.map { ($0.view, $0.values) }, films: features[0].films, title: "retrieval",
            bootstrap: Bootstrap(resamples: resamples))
    }
}
