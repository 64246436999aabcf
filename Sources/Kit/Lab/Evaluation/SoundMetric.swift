import KitCore
import KitTensor

/// A figure of how well an estimated sound fits the true one, in dB: `kit.metric.si_sdr {}`.
public protocol SoundMetric: Plugin, ScriptObject {
    /// The figure of one channel: infinite for a perfect estimate, minus infinity for one that has nothing of the reference.
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
                "The figure for two sounds [samples] or [samples, channels], in dB; the mean over the channels.",
                [ScriptParameter("estimate", "tensor"), ScriptParameter("reference", "tensor")], returns: "number"
            ) { metric, arguments in .number(try metric.mean(arguments.object(0), arguments.object(1))) }
        ]
    }
    public var scriptDescription: String { settings }

    /// The mean over the channels of sounds [samples] or [samples, channels].
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
        let figures = try (0..<channels).map { channel in
            let truth = reference.channel(channel, of: channels)
            guard truth.contains(where: { $0 != 0 }) else {
                throw KitError(
                    .badData, "\(qualifiedName): channel \(channel + 1) of the reference is silent: not defined")
            }
            return try score(estimate.channel(channel, of: channels), truth)
        }
        return figures.reduce(0, +) / Double(channels)
    }
}

extension Tensor {
    fileprivate func channel(_ channel: Int, of channels: Int) -> [Double] {
        stride(from: channel, to: count, by: channels).map { Double(pointer[$0]) }
    }
}
