import KitCore
import KitTensor

extension FeatureSet {
    /// A row with its similarity to another.
    package struct Neighbour: Equatable {
        /// Counted from 0.
        package let row: Int
        /// The cosine of the angle between the two, -1 to 1.
        package let similarity: Float
    }

    /// The rows most similar to a row, the best first; of equals, the earlier row first.
    ///
    /// - Parameters:
    ///   - row: a row's number from 1, its name, or another row of the same encoder, [features]. One of this set's own is not
    ///     listed.
    ///   - k: how many, 1 or more. There are fewer if the set has fewer.
    package func nearest(_ row: Either<Int, Either<String, Tensor>>, _ k: Int) throws -> [Neighbour] {
        guard k >= 1 else { throw KitError.usage("nearest: k must be at least 1, but is \(k)") }
        try requireVectors()
        let (own, query) = try find(row)
        let width = values.shape[1]
        guard query.count == width else {
            throw KitError.usage("nearest: the rows have \(width) features, but \(query.count) were given")
        }
        // In double precision: the order of close rows must not depend on the order of sums.
        func product(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>) -> Double {
            (0..<width).reduce(0) { $0 + Double(a[$1]) * Double(b[$1]) }
        }
        let norm = product(query.pointer, query.pointer)
        let neighbours = ids.indices.filter { $0 != own }.map { index in
            let other = UnsafePointer(values.pointer + index * width)
            let scale = (norm * product(other, other)).squareRoot()
            return Neighbour(row: index, similarity: scale > 0 ? Float(product(query.pointer, other) / scale) : 0)
        }
        withExtendedLifetime((query, values)) {}
        let sorted = neighbours.sorted { ($1.similarity, $0.row) < ($0.similarity, $1.row) }
        return Array(sorted.prefix(k))
    }

    private func find(_ row: Either<Int, Either<String, Tensor>>) throws -> (own: Int?, values: Tensor) {
        switch row {
        case .first(let number):
            guard (1...max(1, ids.count)).contains(number), !ids.isEmpty else {
                throw KitError.usage("nearest: there is no row \(number): rows are 1 to \(ids.count)")
            }
            return (number - 1, try values.gatherRows([number - 1]))
        case .second(.first(let name)):
            guard let index = ids.firstIndex(of: name) else {
                throw KitError.usage(
                    "nearest: there is no row '\(name)'\(NearestName.hint(name, in: ids.prefix(10_000)))")
            }
            return (index, try values.gatherRows([index]))
        case .second(.second(let tensor)):
            guard tensor.values.allSatisfy(\.isFinite) else {
                throw KitError.usage("nearest: the row contains values that are not finite")
            }
            guard tensor.shape.rank == 1 else {
                throw KitError.usage("nearest: expected a row [features], given a tensor \(tensor.shape)")
            }
            return (nil, tensor)
        }
    }

    /// A neighbour as a recipe gets it.
    func facts(_ neighbour: Neighbour) -> Options {
        let id = ids[neighbour.row]
        // The name of a clip's row ends in the clip's start.
        let start = id.lastIndex(of: ":").flatMap { Double(id[id.index(after: $0)...]) }
        return Options(named: [
            ("id", .string(id)), ("film", .string(films[neighbour.row])), ("start", start.optionValue),
            ("similarity", .number(Double(neighbour.similarity))),
        ])
    }
}
