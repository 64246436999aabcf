import KitCore
import KitTensor

/// Patches of a signal, image or video as tokens: each patch is mapped to a vector by one linear function, a strided
/// convolution (Dosovitskiy et al. 2021, "An image is worth 16x16 words"). [batch, .., in] to [batch, tokens, out].
public final class PatchEmbedding: Module {
    private let projection: Convolution
    private let size: [Int]
    private let stride: [Int]
    /// The grid of the tokens of the last call, outermost axis first; nil before the first.
    public private(set) var grid: [Int]?

    /// - Parameters:
    ///   - inputs: channels of the input.
    ///   - outputs: features of a token.
    ///   - size: the extents of a patch along one to three axes, outermost first.
    ///   - stride: the steps between patches; nil for patches next to each other, which must then fill the input.
    ///   - initialiser: initialises the weight as that of a linear layer from all values of a patch.
    ///   - random: the stream for fresh weights.
    public init(
        _ inputs: Int, _ outputs: Int, size: [Int], stride: [Int]? = nil, initialiser: Initialiser = .normal(0.02),
        _ random: inout RandomStream
    ) {
        (self.size, self.stride) = (size, stride ?? size)
        projection = Convolution(
            inputs, outputs, kernel: size, stride: self.stride, padding: size.map { _ in 0 }, bias: true,
            initialiser: initialiser, &random)
        // As from all values of a patch, which matters for those of Xavier.
        let fresh = initialiser.tensor([outputs, Shape.product(size + [inputs])], &random)
        if !MemoryShortage.isPending {
            projection.weight.pointer.update(from: fresh.pointer, count: projection.weight.count)
        }
        super.init()
        register("projection", projection)
    }

    public override func forward(_ input: Tensor) throws -> Tensor {
        guard input.shape.rank == size.count + 2 else {
            throw KitError.usage(
                "patches: expected [batch, \(size.count) \(size.count == 1 ? "axis" : "axes"), channels], given "
                    + "\(input.shape)")
        }
        for axis in size.indices {
            let (extent, side) = (input.shape[axis + 1], size[axis])
            guard extent >= side else {
                throw KitError.usage(
                    "patches: a patch spans \(side) along axis \(axis + 2), but the input has only \(extent): "
                        + "\(input.shape)")
            }
            guard stride[axis] != side || extent % side == 0 else {
                throw KitError.usage(
                    "patches: axis \(axis + 2) must be a multiple of \(side), such as \(extent / side * side), but is "
                        + "\(extent): \(input.shape)")
            }
        }
        let map = try projection(input)
        let grid = Array(map.shape.extents[1...size.count])
        self.grid = grid
        return try map.reshaped([map.shape[0], Shape.product(grid), map.shape[-1]])
    }

    public override var summary: String {
        "PatchEmbedding(\(projection.weight.shape[-1]) -> \(projection.weight.shape[0]), "
            + "\(size.map(String.init).joined(separator: "x")))"
    }
}
