import KitCore
import KitTensor

/// Which tokens of each sample an encoder sees, and how to put all of them in order again (He et al. 2022, "Masked
/// autoencoders are scalable vision learners").
public final class TokenMask: Sendable {
    /// For each sample, the places of the tokens that are seen.
    public let kept: [[Int]]
    /// The number of tokens of each sample.
    public let tokens: Int

    /// The allowed number of tokens of all samples together.
    public static let sizes = 1...1 << 24

    /// Tokens chosen at random.
    ///
    /// - Parameters:
    ///   - batch: the number of samples.
    ///   - tokens: the number of tokens of each.
    ///   - keep: the number of tokens that are seen: 1 to `tokens`.
    ///   - first: the number of samples before these in the batch. A sample's tokens depend only on the stream and on its
    ///     place in the batch.
    ///   - random: the stream that decides.
    public init(batch: Int, tokens: Int, keep: Int, first: Int = 0, _ random: RandomStream) throws {
        try Self.check(batch, tokens)
        guard (1...tokens).contains(keep) else {
            throw KitError.usage("token mask: expected 1 to \(tokens) tokens to keep, given \(keep)")
        }
        self.tokens = tokens
        kept = (0..<batch).map { sample in
            var own = random.derived("sample", first + sample)
            return Array(own.permutation(tokens).prefix(keep))
        }
    }

    /// Given tokens.
    ///
    /// - Parameters:
    ///   - kept: for each sample, the places of the tokens that are seen, counted from 0: each at most once, and as many
    ///     as for the others.
    ///   - tokens: the number of tokens of each sample.
    public init(_ kept: [[Int]], tokens: Int) throws {
        try Self.check(kept.count, tokens)
        try TokenPlaces(kept, of: tokens, "token mask").checkDistinct()
        guard kept[0].count > 0 else { throw KitError.usage("token mask: sample 1 has no token that is seen") }
        (self.kept, self.tokens) = (kept, tokens)
    }

    private static func check(_ batch: Int, _ tokens: Int) throws {
        guard batch > 0, tokens > 0, sizes.contains(Shape.product([batch, tokens])) else {
            throw KitError.usage(
                "token mask: expected 1 to \(sizes.upperBound) tokens in all, given \(batch) samples of \(tokens)")
        }
    }

    /// The number of tokens of a sample that are seen.
    public var keptCount: Int { kept[0].count }

    /// The tokens that are seen: [batch, tokens, width] to [batch, kept, width].
    public func keeping(_ input: Tensor) throws -> Tensor {
        guard input.shape.rank == 3, input.shape[0] == kept.count, input.shape[1] == tokens else {
            throw KitError.usage(
                "token mask: expected [batch \(kept.count), tokens \(tokens), features], given \(input.shape)")
        }
        return try input.gatheredTokens(kept)
    }

    /// All tokens: those that are seen in their places, and `filler` in the others. [batch, kept, width] to
    /// [batch, tokens, width].
    public func filling(_ seen: Tensor, with filler: Tensor) throws -> Tensor {
        try seen.scatteredTokens(kept, count: tokens, filler: filler)
    }

    /// 1 for each token that is not seen, 0 for the others: [batch, tokens].
    public var hidden: Tensor {
        let result = Tensor.ones([kept.count, tokens])
        guard !MemoryShortage.isPending else { return result }
        for (sample, places) in kept.enumerated() {
            for place in places { result.pointer[sample * tokens + place] = 0 }
        }
        return result
    }

    /// A mask for the samples of the current step whose tokens its own random stream decides. A shard's mask is its part
    /// of the mask of the whole batch.
    public static func ofStep(batch: Int, tokens: Int, keep: Int) throws -> TokenMask {
        guard let shard = Shard.current, !shard.isInChunks, shard.rows.count == batch else {
            return try TokenMask(batch: batch, tokens: tokens, keep: keep, StepRandom.next("token mask"))
        }
        return try TokenMask(
            batch: batch, tokens: tokens, keep: keep, first: shard.rows.lowerBound,
            StepRandom.nextOfBatch("token mask"))
    }
}
