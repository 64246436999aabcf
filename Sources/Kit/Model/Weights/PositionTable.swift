import KitCore
import KitTensor

/// How a tensor of a module is a table of positions. One of another length can then take its place when weights are
/// loaded.
public enum PositionTable: Equatable, Sendable {
    /// [rows, width]: a vector for each distance along one axis.
    case distances
    /// [1, leading + places, width]: a vector for each place of a grid, outermost axis first, after those of leading
    /// tokens, such as a class token.
    case places(grid: [Int], leading: Int)

    /// Whether a table of this shape in a file differs from the module's only in its length.
    func differsInLength(_ stored: Shape, from own: Shape) -> Bool {
        let axis = self == .distances ? 0 : 1
        return stored.rank == own.rank && own.rank > axis
            && own.extents.indices.allSatisfy { $0 == axis ? stored[$0] > 0 : stored[$0] == own[$0] }
    }
}

/// How tables of positions of another length are brought to a module's when weights are loaded.
public struct PositionResizing: Sendable {
    /// The way for tables with a vector for each place. Tables of distances are always interpolated linearly (Li et al.
    /// 2022, MViTv2).
    public enum Kind: String, CaseIterable, ChoiceOption, Sendable {
        /// Between the two nearest places on each axis.
        case linear
        /// Between the four nearest places on each axis (DeiT; Hugging Face's `ViTModel`).
        case cubic
        /// The middle of each axis that is longer in the file; axes that are shorter there are interpolated linearly (Gong
        /// et al. 2021, AST).
        case cut

        public static let foreignWords = ["bilinear": linear.rawValue, "bicubic": cubic.rawValue]
    }

    public let kind: Kind
    /// The grid of the file's tables with several axes, outermost first.
    public let grid: [Int]?

    public init(_ kind: Kind, grid: [Int]? = nil) {
        (self.kind, self.grid) = (kind, grid)
    }

    /// As recipes and commands say it. Throws if there is a grid without a kind.
    public init?(_ kind: Kind?, grid: [Int]?) throws {
        guard let kind else {
            guard grid == nil else { throw KitError.usage("'grid' is for 'positions': say linear, cubic or cut") }
            return nil
        }
        self.init(kind, grid: grid)
    }

    /// Whether a table of the module's length is changed nevertheless, because its grid has other extents.
    func changes(_ table: PositionTable) -> Bool {
        if case .places(let own, _) = table, let grid { grid.count == own.count && grid != own } else { false }
    }

    /// A file's table with the length of the module's.
    package func resized(_ stored: Tensor, to shape: Shape, _ table: PositionTable) throws -> Tensor {
        guard case .places(let own, let leading) = table else { return try stored.resampledRows(shape[0]) }
        let places = stored.shape[1] - leading
        let (grid, width) = (try self.grid(own, of: places, after: leading), stored.shape[2])
        var map = try stored.slice(axis: 1, leading..<stored.shape[1]).reshaped(Shape([1] + grid + [width]))
        if kind == .cut {
            for (axis, extents) in zip(grid, own).enumerated() where extents.0 > extents.1 {
                let first = extents.0 / 2 - extents.1 / 2
                map = try map.slice(axis: axis + 1, first..<first + extents.1)
            }
        }
        let resized = try map.interpolated(to: own, kind == .cubic ? .cubic : .linear)
        return try Tensor.concat(
            [stored.slice(axis: 1, 0..<leading), resized.reshaped([1, Shape.product(own), width])], axis: 1)
    }

    /// The grid of a file's table. One with several axes must be given: its length does not tell it.
    private func grid(_ own: [Int], of places: Int, after leading: Int) throws -> [Int] {
        let tokens = leading == 0 ? "" : " after \(counted(leading, "other token"))"
        guard places > 0 else {
            throw KitError(.configuration, "the file's table has no positions\(tokens)")
        }
        guard let grid = grid ?? (own.count == 1 ? [places] : nil) else {
            throw KitError(
                .configuration,
                "the file's table has \(counted(places, "position"))\(tokens), the network's a grid of "
                    + "\(own.map(String.init).joined(separator: " x ")): give the file's grid, outermost axis first, as "
                    + "a list of \(counted(own.count, "extent"))")
        }
        guard grid.count == own.count, grid.allSatisfy({ 1...places ~= $0 }), Shape.product(grid) == places else {
            throw KitError(
                .configuration,
                "a grid of \(grid.map(String.init).joined(separator: " x ")) does not fit the file's table of "
                    + "\(counted(places, "position"))\(tokens): expected \(counted(own.count, "extent")) with this product"
            )
        }
        return grid
    }
}
