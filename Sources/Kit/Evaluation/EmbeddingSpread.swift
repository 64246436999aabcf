import KitTensor

/// Whether embeddings still distinguish clips.
package enum EmbeddingSpread {
    /// Embeddings have collapsed if their spread is below this share of that of random directions.
    private static let threshold = 0.05

    /// The standard deviation of a normalised feature over the clips, averaged over the features, as a share of 1 / sqrt(features):
    /// 1 for directions that fill the sphere evenly, 0 when all are the same (Chen and He 2021, arXiv 2011.10566, section 4.1).
    /// - Parameter embeddings: [clips, features], each row of length 1.
    package static func of(_ embeddings: Tensor) -> Double {
        let (clips, features) = (embeddings.shape[0], embeddings.shape[1])
        let values = embeddings.values
        let deviations = (0..<features).map { feature in
            let column = (0..<clips).map { Double(values[$0 * features + feature]) }
            let mean = column.reduce(0, +) / Double(clips)
            return (column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(clips)).squareRoot()
        }
        return deviations.reduce(0, +) / Double(features) * Double(features).squareRoot()
    }

    static func isCollapsed(_ embeddings: Tensor) -> Bool { embeddings.shape[0] > 1 && of(embeddings) < threshold }
}
