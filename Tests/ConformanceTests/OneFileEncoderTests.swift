import Kit
import Testing

/// A transformer needs no more than any other encoder: one file, against the public API.
@Suite struct OneFileEncoderTests {
    @Test func aTransformerIsAnEncoderLikeOthers() throws {
        let report = try ConformanceSubject(PluginDeclaration(SpectrogramTransformer.self)).check()
        #expect(report.faults.isEmpty, "\(report.text)")
    }
}

/// Patches of a spectrogram as tokens, two blocks of attention, and the mean token.
private struct SpectrogramTransformer: Encoder {
    static let name = "spectrogram_transformer"
    static let summary =
        "A transformer over patches: log-mel [batch, time, mel, channels] to [batch, width or features]."
    static let reference = "Gong et al. 2021 (AST)"

    @Param("Width of a linear layer on top; without it, the mean token.", from: .ours) var features: Int? = nil
    @Param("Width of a token.", in: 8...4096, from: .ours) var width: Int = 32
    @Param("Heads of attention, which divide the width among them.", in: 1...8, from: .ours) var heads: Int = 4

    init() {}

    var expectedInput: ExpectedInput { .logMel(channels: 2) }
    var trunkFeatures: Int { width }

    func build(_ random: inout RandomStream) throws -> Module { SpectrogramTransformerModule(self, &random) }
}

private final class SpectrogramTransformerModule: Module {
    private let encoder: SpectrogramTransformer
    private let patches: Convolution
    private let blocks: [TransformerBlock]
    private let norm: LayerNorm
    private let top: Linear?

    init(_ encoder: SpectrogramTransformer, _ random: inout RandomStream) {
        self.encoder = encoder
        patches = Convolution(2, encoder.width, kernel: [16, 16], stride: [16, 16], bias: true, &random)
        blocks = (0..<2).map { _ in TransformerBlock(encoder.width, encoder.heads, &random) }
        norm = LayerNorm(encoder.width)
        top = encoder.features.map { Linear(encoder.width, $0, &random) }
        super.init()
        register("patches", patches)
        for (index, block) in blocks.enumerated() { register("blocks.\(index)", block) }
        register("norm", norm)
        if let top { register("top", top) }
    }

    override func forward(_ input: Tensor) throws -> Tensor {
        try encoder.expectedInput.check(input, for: SpectrogramTransformer.name)
        let map = try patches(input)  // [batch, time, mel, width]
        var tokens = try map.reshaped([map.shape[0], map.shape[1] * map.shape[2], encoder.width])
        for block in blocks { tokens = try block(tokens) }
        let pooled = try norm(tokens).mean([1])
        return try top?(pooled) ?? pooled
    }

    override var summary: String { "spectrogram_transformer, \(encoder.mapText)" }
}

private final class TransformerBlock: Module {
    private let heads: Int
    private let (before, between): (LayerNorm, LayerNorm)
    private let (qkv, output, up, down): (Linear, Linear, Linear, Linear)

    init(_ width: Int, _ heads: Int, _ random: inout RandomStream) {
        self.heads = heads
        (before, between) = (LayerNorm(width), LayerNorm(width))
        qkv = Linear(width, 3 * width, &random)
        output = Linear(width, width, &random)
        up = Linear(width, 4 * width, &random)
        down = Linear(4 * width, width, &random)
        super.init()
        for (name, module) in [("before", before), ("between", between)] { register(name, module) }
        for (name, module) in [("qkv", qkv), ("output", output), ("up", up), ("down", down)] { register(name, module) }
    }

    override func forward(_ input: Tensor) throws -> Tensor {
        let attended = try input + attention(before(input))
        return try attended + down(up(between(attended)).gelu())
    }

    /// [batch, tokens, width] to the same.
    private func attention(_ x: Tensor) throws -> Tensor {
        let (batch, tokens, width) = (x.shape[0], x.shape[1], x.shape[2])
        // [3, batch, heads, tokens, width / heads]
        let all = try qkv(x).reshaped([batch, tokens, 3, heads, width / heads]).permuted([2, 0, 3, 1, 4])
        let (q, k, v) = (try all.slice(axis: 0, 0..<1), try all.slice(axis: 0, 1..<2), try all.slice(axis: 0, 2..<3))
        let scores = try q.matmul(k, transposeB: true) * (1 / Float(width / heads).squareRoot())
        let mixed = try scores.softmax().matmul(v)  // [1, batch, heads, tokens, width / heads]
        return try output(mixed.permuted([0, 1, 3, 2, 4]).reshaped([batch, tokens, width]))
    }

    override var summary: String { "TransformerBlock(\(qkv.summary))" }
}
