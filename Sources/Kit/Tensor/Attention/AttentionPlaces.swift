import KitCore

/// The places of keys in a grid, as a matrix of ones and zeros [places, keys]: a key's column has a one for its place on
/// each axis. Position terms times this matrix are what the scores get.
struct AttentionPlaces {
    /// Outermost axis first.
    let grid: [Int]
    /// Keys before those of the grid.
    let leading: Int

    /// The number of places, over all axes.
    var count: Int { grid.reduce(0, +) }

    /// The columns of some keys.
    func matrix(_ keys: Range<Int>) -> Storage {
        let matrix = Storage(count: max(1, count * keys.count))
        matrix.pointer.update(repeating: 0, count: count * keys.count)
        for key in keys where key >= leading {
            var (rest, first) = (key - leading, count)
            for extent in grid.reversed() {
                first -= extent
                matrix.pointer[(first + rest % extent) * keys.count + key - keys.lowerBound] = 1
                rest /= extent
            }
        }
        return matrix
    }
}
