import Glibc

/// A scale of perceived pitch, on which mel bands are equally wide.
public enum MelScale: String, Sendable, CaseIterable, Codable {
    /// 2595 · log10(1 + f / 700), as HTK (Young et al., The HTK Book).
    case htk
    /// Linear below 1 kHz, logarithmic above, as Slaney's Auditory Toolbox (1998).
    case slaney

    private static let linearStep = 200.0 / 3
    private static let knee = 1000.0
    private static let logarithmicStep = log(6.4) / 27

    public func mel(ofHertz hertz: Double) -> Double {
        switch self {
        case .htk: 2595 * log10(1 + hertz / 700)
        case .slaney:
            hertz < Self.knee
                ? hertz / Self.linearStep
                : Self.knee / Self.linearStep + log(hertz / Self.knee) / Self.logarithmicStep
        }
    }

    /// In single precision: see `MelFilterbank`.
    public func hertz(ofMel mel: Float) -> Float {
        switch self {
        case .htk: 700 * (powf(10, mel / 2595) - 1)
        case .slaney:
            mel < Float(Self.knee / Self.linearStep)
                ? Float(Self.linearStep) * mel
                : Float(Self.knee) * expf(Float(Self.logarithmicStep) * (mel - Float(Self.knee / Self.linearStep)))
        }
    }
}
