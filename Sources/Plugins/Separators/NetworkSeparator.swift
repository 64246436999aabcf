import Kit

/// A separator whose network maps the magnitudes of a mixture, [batch, frames, bins, channels], to those of one of its parts.
final class NetworkSeparator: Separator {
    /// The part that the network estimates.
    enum Target: String, ChoiceOption { case background, speech }

    /// The settings for converting sound to the network's input and its output to sound.
    struct Settings {
        let name: String
        let sampleRate: Int
        let transform: SpectralTransform
        /// 2, or 1 if the network gets the mean magnitude of both channels and its estimate is used for both.
        let channels: Int
        let target: Target
        var blockSeconds = 20.0
    }

    let network: Module
    private let settings: Settings

    init(_ settings: Settings, _ network: Module) { (self.settings, self.network) = (settings, network) }

    var sampleRate: Int? { settings.sampleRate }
    var blockSeconds: Double { settings.blockSeconds }

    func separate(block: Waveform) throws -> Waveform {
        var spectra = settings.transform(block)
        let levels = spectra.magnitudes
        let estimate = try Module.evaluating([network]) { try network(input(levels, frames: spectra.frames)) }
        apply(estimate, to: &spectra, levels)
        return settings.transform.inverse(spectra, samples: block.count, sampleRate: block.sampleRate)
    }

    /// The network's input: magnitudes [batch, frames, bins, channels] of sounds [batch, samples, 2] at the separator's
    /// rate.
    func magnitudes(_ sounds: Tensor) throws -> Tensor {
        guard sounds.shape.rank == 3, sounds.shape[2] == 2, sounds.count > 0 else {
            throw KitError.usage("magnitudes: expected sounds [batch, samples, channels 2], given \(sounds.shape)")
        }
        return try Tensor.concat(
            try (0..<sounds.shape[0]).map { row in
                let spectra = settings.transform(
                    Waveform(try sounds.detached().select(axis: 0, row), sampleRate: settings.sampleRate))
                return input(spectra.magnitudes, frames: spectra.frames)
            })
    }

    /// [1, frames, bins, channels] from [2, frames, bins].
    private func input(_ levels: [Float], frames: Int) -> Tensor {
        let size = levels.count / 2
        let result = Tensor(uninitialized: [1, frames, size / frames, settings.channels])
        for index in 0..<size {
            if settings.channels == 2 {
                result.pointer[2 * index] = levels[index]
                result.pointer[2 * index + 1] = levels[size + index]
            } else {
                result.pointer[index] = (levels[index] + levels[size + index]) / 2
            }
        }
        return result
    }

    /// Replaces the spectra by the background: the estimate with the phase of the mixture, or the mixture minus the
    /// estimate.
    private func apply(_ estimate: Tensor, to spectra: inout Spectra, _ levels: [Float]) {
        let size = levels.count / 2
        let channels = settings.channels
        for index in 0..<levels.count {
            let level = estimate.pointer[channels == 2 ? index % size * 2 + index / size : index % size]
            let (re, im) = (spectra.values[2 * index], spectra.values[2 * index + 1])
            // If the mixture is 0, its phase counts as 0.
            let phase = levels[index] == 0 ? (1, 0) : (re / levels[index], im / levels[index])
            let estimated = (level * phase.0, level * phase.1)
            let isSpeech = settings.target == .speech
            spectra.values[2 * index] = isSpeech ? re - estimated.0 : estimated.0
            spectra.values[2 * index + 1] = isSpeech ? im - estimated.1 : estimated.1
        }
        withExtendedLifetime(estimate) {}
    }

    var scriptDescription: String {
        "\(settings.name) at \(settings.sampleRate) Hz, \(counted(network.parameterCount, "parameter"))"
    }
    static var scriptFields: [ScriptField] {
        [
            ScriptField("network", on: NetworkSeparator.self, Module.self) { $0.network },
            ScriptField("sample_rate", on: NetworkSeparator.self, Int.self) { $0.settings.sampleRate },
        ]
    }

    static var scriptTypeName: String { "network separator" }
    static var scriptSummary: String {
        "Removes speech from sound with a network; `network` is the module, to train, save and load."
    }
    static var scriptMethods: [ScriptMethod] {
        [
            separateMethod, streamMethod,
            ScriptMethod(
                "magnitudes", on: NetworkSeparator.self,
                "The network's input, [batch, frames, bins, channels], for sounds [batch, samples, 2] at the separator's rate.",
                ScriptArgument("sounds", Tensor.self), returns: Tensor.self
            ) { separator, sounds in try separator.magnitudes(sounds) },
        ]
    }
}

extension Module {
    /// Loads weights from a file: the module's own, or those of a run's checkpoint in which it was called `network`.
    func loadSeparator(_ path: String) throws {
        let isRun = try SafetensorsFile(path).names.allSatisfy { $0.hasPrefix("network.") }
        try loadWeights(from: path, prefix: isRun ? "network" : "")
    }
}
