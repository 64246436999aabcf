import Kit

/// Open-Unmix's network for one target, with the key names of its public implementation.
final class OpenUnmixModule: Module {
    private let bins: Int
    private let seen: Int
    private let channels: Int
    private let inputMean: Tensor
    private let inputScale: Tensor
    private let outputMean: Tensor
    private let outputScale: Tensor
    private let encode: Linear
    private let encodeNorm: BatchNorm
    private let lstm: LSTM
    private let widen: Linear
    private let widenNorm: BatchNorm
    private let decode: Linear
    private let decodeNorm: BatchNorm

    /// - Parameters:
    ///   - bins: the number of bins of the spectra.
    ///   - seen: the number of lowest bins that the network gets.
    init(
        bins: Int, seen: Int, channels: Int, hidden: Int, layers: Int, isBidirectional: Bool,
        _ random: inout RandomStream
    ) {
        (self.bins, self.seen, self.channels) = (bins, seen, channels)
        (inputMean, inputScale) = (.zeros([seen]), .ones([seen]))
        (outputMean, outputScale) = (.ones([bins]), .ones([bins]))
        encode = Linear(seen * channels, hidden, bias: false, &random)
        encodeNorm = BatchNorm(hidden)
        lstm = LSTM(
            hidden, hidden: isBidirectional ? hidden / 2 : hidden, layers: layers, isBidirectional: isBidirectional,
            dropout: 0.4, &random)
        widen = Linear(2 * hidden, hidden, bias: false, &random)
        widenNorm = BatchNorm(hidden)
        decode = Linear(hidden, bins * channels, bias: false, &random)
        decodeNorm = BatchNorm(bins * channels)
        super.init()
        register(parameter: "input_mean", inputMean)
        register(parameter: "input_scale", inputScale)
        register(parameter: "output_scale", outputScale)
        register(parameter: "output_mean", outputMean)
        register("fc1", encode)
        register("bn1", encodeNorm)
        register("lstm", lstm)
        register("fc2", widen)
        register("bn2", widenNorm)
        register("fc3", decode)
        register("bn3", decodeNorm)
    }

    /// Magnitudes of a mixture [batch, frames, bins, channels] to those of the target.
    override func forward(_ input: Tensor) throws -> Tensor {
        let expected = ExpectedInput(
            "magnitudes", [("batch", nil), ("frames", nil), ("bins", bins), ("channels", channels)])
        try expected.check(input, for: OpenUnmix.name)
        let (batch, frames) = (input.shape[0], input.shape[1])
        // The bins of each channel one after the other, in the order of the weights.
        let mixture = try input.permuted([0, 1, 3, 2])
        let scaled = try (mixture.slice(axis: 3, 0..<seen) + inputMean) * inputScale
        let encoded = try encodeNorm(encode(scaled.reshaped([batch * frames, channels * seen]))).tanh()
        let sequence = try encoded.reshaped([batch, frames, -1])
        let heard = try Tensor.concat([sequence, lstm(sequence)], axis: 2)
        let widened = try widenNorm(widen(heard.reshaped([batch * frames, -1])), .relu)
        let decoded = try decodeNorm(decode(widened)).reshaped([batch, frames, channels, bins])
        let mask = try (decoded * outputScale + outputMean).relu()
        return try (mask * mixture).permuted([0, 1, 3, 2])
    }

    override var summary: String {
        "open_unmix (magnitudes [batch, frames, bins \(bins), channels \(channels)] of a mixture -> of the target)"
    }
}
