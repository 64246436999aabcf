import KitCore
import KitTensor

/// The places of tokens [batch, leading + those of the grid, features].
public struct TokenGrid: Equatable, Sendable {
    /// The extents of its axes, outermost first: time, height and width for attention that pools, where time is 1 for
    /// images and spectrograms.
    public let extents: [Int]
    /// The number of tokens before those of the grid: 1 for a class token.
    public let leading: Int

    public init(_ extents: [Int], leading: Int) {
        self.extents = extents
        self.leading = leading
    }

    public var count: Int { leading + Shape.product(extents) }

    /// The grid after a window with padding of half its kernel.
    public func strided(_ kernel: [Int], _ stride: [Int]) -> TokenGrid {
        TokenGrid(
            extents.indices.map { (extents[$0] + kernel[$0] / 2 * 2 - kernel[$0]) / stride[$0] + 1 }, leading: leading)
    }
}

extension Tensor {
    /// Tokens from a map [batch, time, height, width, features], behind tokens that all samples share, if there are some.
    ///
    /// - Parameter first: [1, tokens, features], such as a class token.
    public func tokens(after first: Tensor?) throws -> Tensor {
        let tokens = try reshaped([shape[0], -1, shape[4]])
        guard let first else { return tokens }
        return try Tensor.concat([first.broadcast(to: [shape[0], first.shape[1], shape[4]]), tokens], axis: 1)
    }

    /// The largest values under windows of the grid; tokens before the grid are copied.
    func maxPooledTokens(_ grid: TokenGrid, kernel: [Int], stride: [Int]) throws -> Tensor {
        let (batch, features) = (shape[0], shape[2])
        let tokens = grid.leading == 0 ? self : try slice(axis: 1, grid.leading..<shape[1])
        let pooled = try tokens.reshaped(Shape([batch] + grid.extents + [features]))
            .maxPool3d(kernel: kernel, stride: stride, padding: kernel.map { $0 / 2 })
            .reshaped([batch, -1, features])
        return grid.leading == 0
            ? pooled : try Tensor.concat([slice(axis: 1, 0..<grid.leading), pooled], axis: 1)
    }
}
