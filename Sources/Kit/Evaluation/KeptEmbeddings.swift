import KitTraining

/// The embeddings that an evaluation was computed from, which a run keeps for its report.
package struct KeptEmbeddings: EvaluationArtifact {
    private let sets: [FeatureSet]

    /// - Parameter sets: views of the same rows.
    package init(_ sets: [FeatureSet]) { self.sets = sets }

    package func write(to folder: String, moment: String) throws {
        try FeatureFolder.write(sets, to: folder, plan: moment)
    }
}
