import Foundation
import KitCore
import KitTensor

/// Embeddings by view, with facts about each row.
public struct EmbeddedRows<Row: Codable> {
    public let rows: [Row]
    /// [rows, features] each.
    public let views: [(name: String, tensor: Tensor)]

    public init(_ rows: [Row], _ views: [(name: String, tensor: Tensor)]) { (self.rows, self.views) = (rows, views) }

    /// The facts that a process sends to the others together with its embeddings.
    private struct Facts: Codable {
        let views: [String]
        let features: [Int]
        let rows: [Row]
    }

    /// Gathers the rows of all processes on each of them, in the order of their ranks.
    ///
    /// - Parameters:
    ///   - parts: the rows of this process, in order; may be empty.
    ///   - processes: the processes whose rows are gathered.
    public static func gathered(
        _ parts: [EmbeddedRows], over processes: any ProcessGroup
    ) throws -> EmbeddedRows {
        let own = Facts(
            views: parts.first?.views.map { $0.name } ?? [],
            features: parts.first?.views.map { $0.tensor.shape[1] } ?? [], rows: parts.flatMap { $0.rows })
        let all = try processes.gather(Array(try JSONEncoder().encode(own))).map {
            try JSONDecoder().decode(Facts.self, from: Data($0))
        }
        let first = all.first { !$0.rows.isEmpty } ?? own
        let ends = all.indices.map { rank in all[...rank].reduce(0) { $0 + $1.rows.count } }
        let places = zip(ends, all).map { $0 - $1.rows.count..<$0 }
        var views: [(name: String, tensor: Tensor)] = []
        for (index, name) in first.views.enumerated() {
            let features = first.features[index]
            let tensor = Tensor(uninitialized: [ends.last ?? 0, features])
            var row = places[processes.rank].lowerBound
            for part in parts {
                let own = part.views[index].tensor
                (tensor.pointer + row * features).update(from: own.pointer, count: own.count)
                row += own.shape[0]
            }
            let width = features * MemoryLayout<Float>.stride
            try processes.gather(
                into: UnsafeMutableRawBufferPointer(
                    start: tensor.pointer, count: tensor.count * MemoryLayout<Float>.stride),
                parts: places.map { $0.lowerBound * width..<$0.upperBound * width })
            views.append((name, tensor))
        }
        return EmbeddedRows(all.flatMap { $0.rows }, views)
    }
}
