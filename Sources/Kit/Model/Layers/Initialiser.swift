import KitCore
import KitTensor

/// The distribution of fresh weights. Weights are [out, kernel..., in / groups] or [out, in].
public enum Initialiser {
    /// Normal with mean 0 and standard deviation sqrt(2 / fan), fan = out x kernel: keeps the size of gradients through
    /// ReLUs (He et al. 2015, "Delving deep into rectifiers", eq. 14, as `kaiming_normal_(mode="fan_out")` counts).
    case heFanOut
    /// Uniform in ±1 / sqrt(fan), fan = in x kernel: PyTorch's default for linear layers and convolutions.
    case uniformFanIn
    /// Uniform in ±gain sqrt(6 / (in + out)), for linear layers (Glorot and Bengio 2010, equation 16); behind a ReLU the gain
    /// is usually sqrt(2).
    case xavierUniform(gain: Double)
    /// Normal with mean 0 and standard deviation gain sqrt(2 / (in + out)).
    case xavierNormal(gain: Double)
    /// Normal with mean 0 and this standard deviation.
    case normal(Double)
    case constant(Float)

    public func tensor(_ shape: Shape, _ random: inout RandomStream) -> Tensor {
        switch self {
        case .constant(let value): return Tensor(repeating: value, shape)
        case .uniformFanIn:
            let bound = Float(1 / Double(max(1, shape.count / max(1, shape[0]))).squareRoot())
            return .uniform(shape, -bound, bound, &random)
        case .xavierUniform(let gain):
            let bound = Float(gain * (6 / Double(max(1, shape[0] + shape[-1]))).squareRoot())
            return .uniform(shape, -bound, bound, &random)
        case .xavierNormal(let gain):
            let deviation = Float(gain * (2 / Double(max(1, shape[0] + shape[-1]))).squareRoot())
            return .normal(shape, mean: 0, deviation: deviation, &random)
        case .heFanOut:
            let fan = shape.count / max(1, shape[-1])
            return .normal(shape, mean: 0, deviation: Float((2 / Double(max(1, fan))).squareRoot()), &random)
        case .normal(let deviation): return .normal(shape, mean: 0, deviation: Float(deviation), &random)
        }
    }
}
