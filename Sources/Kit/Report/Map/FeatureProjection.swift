import Foundation
import KitCore
import KitEvaluation
import KitTensor

/// The features of one encoder in the plane: a point for each clip, or for each clip and sound track.
struct FeatureProjection: Encodable {
    /// A layout of the points.
    struct Plane: Encodable {
        /// "pca" or "tsne".
        let method: String
        let x: [Double]
        let y: [Double]
        /// The titles of the axes.
        let xTitle: String
        let yTitle: String
        let note: String
    }

    /// The index of its run in the report.
    let run: Int
    /// The encoder's name: "audio".
    let encoder: String
    /// For each point, the index of its clip in the report's list, and the language.
    let clips: [Int]
    let languages: [String?]
    let planes: [Plane]

    /// Lays out the views of one encoder.
    /// - Parameters:
    ///   - views: features of clips, with the language; all of one width.
    ///   - places: the index of each clip in the report's list, by id.
    init(
        run: Int, encoder: String, views: [(features: FeatureSet, language: String?)], places: [String: Int]
    ) throws {
        self.run = run
        self.encoder = encoder
        let width = views[0].features.values.shape[1]
        var rows: [Double] = []
        var (clips, languages): ([Int], [String?]) = ([], [])
        for view in views {
            let values = view.features.values
            for (index, id) in view.features.ids.enumerated() {
                guard let place = places[id] else { continue }
                let row = UnsafeBufferPointer(start: values.pointer + index * width, count: width).map(Double.init)
                rows += Self.normalised(row)
                clips.append(place)
                languages.append(view.language)
            }
        }
        (self.clips, self.languages) = (clips, languages)
        planes = try Self.planes(rows, count: clips.count, width: width)
    }

    private static func planes(_ rows: [Double], count: Int, width: Int) throws -> [Plane] {
        guard count > 1 else { throw KitError(.badData, "a map needs more than one clip") }
        // Neighbourhoods are computed from the first components. The others are mostly noise and would take time.
        let components = try PrincipalComponents(rows, count: count, width: width, components: 50)
        func share(_ index: Int) -> Double { index < components.shares.count ? components.shares[index] * 100 : 0 }
        let flat = [Double](repeating: 0, count: count)
        var planes = [
            Plane(
                method: "pca", x: components.places[0].map(short),
                y: (components.places.count > 1 ? components.places[1] : flat).map(short),
                xTitle: "component 1 (\(decimal(share(0), 0))% of the variance)",
                yTitle: "component 2 (\(decimal(share(1), 0))%)",
                note:
                    "Principal components of \(counted(count, "feature")) of length 1. Distances approximate cosine distances as far as "
                    + "two components allow.")
        ]
        guard count >= TSNE.leastRows else { return planes }
        let kept = components.places.count
        var reduced = [Double](repeating: 0, count: count * kept)
        for (column, places) in components.places.enumerated() {
            for row in 0..<count { reduced[row * kept + column] = places[row] }
        }
        let found = try TSNE()(reduced, count: count, width: kept, start: Array(components.places.prefix(2)))
        planes.append(
            Plane(
                method: "tsne", x: found.x.map(short), y: found.y.map(short), xTitle: "no unit", yTitle: "no unit",
                note: "t-SNE with perplexity \(decimal(found.perplexity, 0)), Kullback-Leibler divergence "
                    + "\(decimal(found.divergence, 2)). Nearby points are similar; the sizes of groups and the distances "
                    + "between them mean nothing."))
        return planes
    }

    private static func normalised(_ row: [Double]) -> [Double] {
        let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return length > 0 ? row.map { $0 / length } : row
    }
}

/// A number with five digits: more are not visible and would take space.
func short(_ value: Double) -> Double {
    guard value != 0, value.isFinite else { return 0 }
    let scale = pow(10, 4 - floor(log10(abs(value))))
    return scale.isFinite && scale > 0 ? (value * scale).rounded() / scale : value
}
