import Foundation
import KitCore
import KitTensor

/// Embeddings of some clips, by view.
public struct EmbeddedClips {
    /// [clips, features] each.
    public let views: [(name: String, tensor: Tensor)]
    /// The names of the clips, and of the film that each is of.
    public let ids: [String]
    public let films: [String]

    public init(views: [(name: String, tensor: Tensor)], ids: [String], films: [String]) {
        (self.views, self.ids, self.films) = (views, ids, films)
    }

    /// What a process tells the others of its clips besides the embeddings.
    private struct Facts: Codable {
        let views: [String]
        let features: [Int]
        let ids: [String]
        let films: [String]
    }

    /// The clips of all processes, in the order of their ranks, on all of them.
    ///
    /// - Parameter parts: those of this process, one after the other; may be none.
    public static func gathered(_ parts: [EmbeddedClips], over processes: any ProcessGroup) throws -> EmbeddedClips {
        let own = Facts(
            views: parts.first?.views.map { $0.name } ?? [], features: parts.first?.views.map { $0.tensor.shape[1] } ?? [],
            ids: parts.flatMap { $0.ids }, films: parts.flatMap { $0.films })
        let all = try processes.gather(Array(try JSONEncoder().encode(own))).map {
            try JSONDecoder().decode(Facts.self, from: Data($0))
        }
        let first = all.first { !$0.ids.isEmpty } ?? own
        let ends = all.indices.map { rank in all[...rank].reduce(0) { $0 + $1.ids.count } }
        let rows = zip(ends, all).map { $0 - $1.ids.count..<$0 }
        var views: [(name: String, tensor: Tensor)] = []
        for (index, name) in first.views.enumerated() {
            let features = first.features[index]
            let tensor = Tensor(uninitialized: [ends.last ?? 0, features])
            var row = rows[processes.rank].lowerBound
            for part in parts {
                let own = part.views[index].tensor
                (tensor.pointer + row * features).update(from: own.pointer, count: own.count)
                row += own.shape[0]
            }
            let width = features * MemoryLayout<Float>.stride
            try processes.gather(
                into: UnsafeMutableRawBufferPointer(start: tensor.pointer, count: tensor.count * MemoryLayout<Float>.stride),
                parts: rows.map { $0.lowerBound * width..<$0.upperBound * width })
            views.append((name, tensor))
        }
        return EmbeddedClips(views: views, ids: all.flatMap { $0.ids }, films: all.flatMap { $0.films })
    }
}
