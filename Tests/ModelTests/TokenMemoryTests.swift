import Kit
import TestSupport
import Testing

@Suite(.serialized, .alone("counts the memory of tensors")) struct TokenMemoryTests {
    /// What only products read is kept in two bytes; the sums of the residual branches are float32.
    @Test func tokensOfBlocksTakeLittleMoreThanHalfInBFloat16() throws {
        var random = RandomStream(seed: 1)
        let plain = TransformerBlock(48, heads: 2, hidden: 192, epsilon: 1e-6, &random)
        let pooling = MultiscaleBlock(
            PoolingAttention.Settings(
                inputs: 48, outputs: 48, heads: 2, kernel: [1, 3, 3], queryStride: [1, 1, 1], keyStride: [1, 2, 2],
                tables: [nil, 31, 31]), dropPath: 0, &random)
        let grid = TokenGrid([1, 16, 16], leading: 0)
        func kept(_ precision: ProductPrecision, _ forward: (Tensor) throws -> Tensor) throws -> Int {
            let input = Pattern.tensor("tokens", [4, 256, 48])
            input.requiresGrad = true
            let before = BufferPool.shared.bytesInUse
            let loss = try precision.used { try forward(input).sum() }
            let kept = BufferPool.shared.bytesInUse - before
            try loss.backward()
            return kept
        }
        let blocks: [(String, (Tensor) throws -> Tensor)] = [
            ("transformer", { try plain($0) }), ("multiscale", { try pooling($0, grid).0 }),
        ]
        for (name, forward) in blocks {
            let (wide, narrow) = (try kept(.float32, forward), try kept(.bfloat16, forward))
            #expect(Double(narrow) < 0.65 * Double(wide), "\(name): \(narrow) of \(wide) bytes")
        }
    }
}
