import KitCore
import KitTensor

/// A figure of how well an estimated sound fits the true one, in dB: `kit.metric.si_sdr {}`.
public protocol SoundMetric: Plugin, ScriptObject {
    /// The figure of one channel: infinite for a perfect estimate, minus infinity for one that has nothing of the reference.
    /// Throws `badData` where the figure is not defined.
    ///
    /// - Parameters:
    ///   - estimate: samples of the channel as a separator gave it.
    ///   - reference: as long as the estimate, finite, not silent.
    func score(_ estimate: [Double], _ reference: [Double]) throws -> Double
}

extension SoundMetric {
    public static var kind: String { "metric" }
    public static var scriptTypeName: String { "metric" }
    public static var scriptSummary: String { "A figure of how well an estimated sound fits the true one." }
    public static var scriptMethods: [ScriptMethod] {
        [
            ScriptMethod(
                "__call", on: (any SoundMetric).self,
                "The figure for two sounds [samples] or [samples, channels], in dB; the mean over the channels whose reference is not "
                    + "silent. An error where it is not defined: no reference but silence.",
                ScriptParameter("estimate", Tensor.self), ScriptParameter("reference", Tensor.self),
                returns: Double.self
            ) { metric, estimate, reference in try metric.mean(estimate, reference) }
        ]
    }
    public var scriptDescription: String { settings }

    /// The mean over the channels of sounds [samples] or [samples, channels]. Channels whose reference is silent do not
    /// count; the figure is not defined if all are, or if one channel is perfect and another has nothing of its reference.
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
        let figures = try (0..<channels).compactMap { channel -> Double? in
            let truth = reference.channel(channel, of: channels)
            guard truth.contains(where: { $0 != 0 }) else { return nil }
            return try score(estimate.channel(channel, of: channels), truth)
        }
        guard !figures.isEmpty else {
            let which = channels == 1 ? "channel 1" : "every channel"
            throw KitError(.badData, "\(qualifiedName): \(which) of the reference is silent: not defined")
        }
        let mean = figures.reduce(0, +) / Double(figures.count)
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
