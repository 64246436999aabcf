import Glibc
import KitCore
import KitTensor

/// Positions that are not trained, which are added to tokens in a grid: [batch, tokens, width] to the same.
public final class SinePositions: Module {
    private let grid: [Int]
    private let table: Tensor

    /// - Parameters:
    ///   - grid: the extents of the grid, outermost axis first.
    ///   - width: features of a token: an even number for each axis; see `Tensor.sinePositions`.
    public init(grid: [Int], _ width: Int) {
        self.grid = grid
        table = grid.count == 1 ? .sinePositions(grid[0], width) : .sinePositions(grid: grid, width)
    }

    public override func forward(_ input: Tensor) throws -> Tensor {
        guard input.shape.rank == 3, input.shape[1] == table.shape[0], input.shape[2] == table.shape[1] else {
            throw KitError.usage(
                "positions: expected [batch, tokens \(table.shape[0]), features \(table.shape[1])], given \(input.shape)"
            )
        }
        return try input + table
    }

    public override var summary: String {
        "SinePositions(\(grid.map(String.init).joined(separator: "x")), \(table.shape[1]))"
    }
}

extension Tensor {
    /// Positions that are not trained, [tokens, width]: sines at even features and cosines at odd ones, of wavelengths
    /// from 2 π to 20,000 π (Vaswani et al. 2017, section 3.5).
    public static func sinePositions(_ tokens: Int, _ width: Int) -> Tensor {
        let result = Tensor(uninitialized: [tokens, width])
        guard !MemoryShortage.isPending else { return result }
        for token in 0..<tokens {
            for feature in 0..<width {
                let angle = Double(token) / pow(10_000, Double(feature / 2 * 2) / Double(width))
                result.pointer[token * width + feature] = Float(feature % 2 == 0 ? Glibc.sin(angle) : Glibc.cos(angle))
            }
        }
        return result
    }

    /// Positions in a grid that are not trained, [tokens, width]: each axis has its share of the features, the innermost
    /// axis first, and in it sines before cosines, of the wavelengths of `sinePositions(_:_:)` for that share (as in the
    /// authors' code of He et al. 2022, "Masked autoencoders are scalable vision learners").
    ///
    /// - Parameters:
    ///   - grid: the extents of the grid, outermost axis first.
    ///   - width: a multiple of twice the number of axes.
    public static func sinePositions(grid: [Int], _ width: Int) -> Tensor {
        precondition(width % (2 * grid.count) == 0, "each axis needs as many sines as cosines")
        let result = Tensor(uninitialized: [Shape.product(grid), width])
        guard !MemoryShortage.isPending else { return result }
        let share = width / grid.count
        // The pattern of one axis is the same for all tokens at a place of it.
        let patterns = grid.reversed().map { extent in
            (0..<extent).map { place in
                (0..<share).map { feature in
                    let wave = feature % (share / 2)
                    let angle = Double(place) / pow(10_000, Double(wave) / Double(share / 2))
                    return Float(feature < share / 2 ? Glibc.sin(angle) : Glibc.cos(angle))
                }
            }
        }
        for token in 0..<result.shape[0] {
            var rest = token
            for (axis, pattern) in patterns.enumerated() {
                let values = pattern[rest % pattern.count]
                rest /= pattern.count
                (result.pointer + token * width + axis * share).update(from: values, count: share)
            }
        }
        return result
    }
}
