import Foundation
import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(DPrime.self) }

/// The distance between two normal distributions of variance 1 that have the same area under the curve.
final class DPrime: Metric {
    static let name = "d_prime"
    static let summary =
        "d': the square root of 2 times the normal quantile of the area under the receiver operating characteristic; "
        + "0 is chance, infinity perfect."
    static let reference =
        "HEAR's evaluation kit: the mean over the classes; Gemmeke et al. 2017 (AudioSet): of the mean area."

    /// The order of the mean and d'.
    enum Average: String, ChoiceOption { case classes, area }

    @Param(
        "The mean of d' over classes, which one perfect class makes infinite, or d' of the mean area.", from: .inferred)
    var average: Average = .classes

    init() {}

    func score(_ predictions: Predictions) throws -> Double {
        func dPrime(_ area: Double) -> Double { 2.0.squareRoot() * Self.normalQuantile(area) }
        switch average {
        case .classes: return try predictions.meanOverClasses { dPrime(ROCAUC.area($0)) }
        case .area: return dPrime(try predictions.meanOverClasses(ROCAUC.area))
        }
    }

    /// x with the normal distribution function F(x) = p: Newton's steps on the smaller tail, from a rational first guess
    /// (Abramowitz and Stegun 1964, 26.2.23, off by 4.5e-4 at most).
    static func normalQuantile(_ p: Double) -> Double {
        guard p > 0, p < 1 else { return p <= 0 ? -.infinity : .infinity }
        let tail = min(p, 1 - p)
        let t = (-2 * log(tail)).squareRoot()
        var x =
            t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
        for _ in 0..<4 {
            let excess = erfc(x / 2.0.squareRoot()) / 2 - tail
            x += excess / (exp(-x * x / 2) / (2 * Double.pi).squareRoot())
        }
        return p < 0.5 ? -x : x
    }
}
