import KitCore
import KitTensor

/// A measure of how well an estimated sound fits the true one, in dB: `kit.metric.si_sdr {}`.
public protocol SoundMetric: Plugin, ScriptObject {
    /// The value for one channel: infinity for a perfect estimate, minus infinity for one that contains nothing of the
    /// reference. Throws `badData` if it is not defined.
    ///
    /// - Parameters:
    ///   - estimate: the separator's samples of the channel.
    ///   - reference: the true samples: as long as the estimate, finite, not silent.
    func score(_ estimate: [Double], _ reference: [Double]) throws -> Double
}

extension SoundMetric {
    public static var kind: String { "metric" }
    public static var scriptTypeName: String { "metric" }
    public static var scriptSummary: String { "A measure of how well an estimated sound fits the true one." }
    public static var scriptMethods: [ScriptMethod] {
        [
            ScriptMethod(
                "__call", on: (any SoundMetric).self,
                "The value for two sounds [samples] or [samples, channels], in dB: the mean over the channels whose reference is not "
                    + "silent. An error if all channels of the reference are silent.",
                ScriptArgument("estimate", Tensor.self), ScriptArgument("reference", Tensor.self),
                returns: Double.self
            ) { metric, estimate, reference in try metric.mean(estimate, reference) }
        ]
    }
    public var scriptDescription: String { settings }

    /// The mean over the channels of sounds [samples] or [samples, channels]. Channels with a silent reference do not
    /// count. The mean is not defined if all are silent, or if one channel is perfect and another contains nothing of
    /// its reference.
    public func mean(_ estimate: Tensor, _ reference: Tensor) throws -> Double {
        guard estimate.shape == reference.shape, 1...2 ~= estimate.shape.rank, estimate.count > 0 else {
            throw KitError.usage(
                "\(qualifiedName): needs two sounds [samples] or [samples, channels] of one shape, "
                    + "but they are \(estimate.shape) and \(reference.shape)")
        }
        for (name, sound) in [("estimate", estimate), ("reference", reference)] where sound.nonFiniteCount > 0 {
            throw KitError(.nonFinite, "\(qualifiedName): NaN or infinity in the \(name)")
        }
        let channels = estimate.shape.rank == 2 ? estimate.shape[1] : 1
        let values = try (0..<channels).compactMap { channel -> Double? in
            let truth = reference.channel(channel, of: channels)
            guard truth.contains(where: { $0 != 0 }) else { return nil }
            return try score(estimate.channel(channel, of: channels), truth)
        }
        guard !values.isEmpty else {
            let which = channels == 1 ? "channel 1" : "every channel"
            throw KitError(.badData, "\(qualifiedName): \(which) of the reference is silent: not defined")
        }
        let mean = values.reduce(0, +) / Double(values.count)
        guard !mean.isNaN else {
            throw KitError(
                .badData,
                "\(qualifiedName): one channel is perfect and another has nothing of the reference: the mean is not defined"
            )
        }
        return mean
    }
}

extension Tensor {
    fileprivate func channel(_ channel: Int, of channels: Int) -> [Double] {
        stride(from: channel, to: count, by: channels).map { Double(pointer[$0]) }
    }
}
