import CKernels
import KitCore

extension Tensor {
    /// max(x, 0); its gradient at 0 is 0. NaN stays NaN.
    public func relu() -> Tensor {
        let result = activated(dk_active.pointee.relu)
        let saved = result.detached()
        return result.recorded("relu", [self], form: .unary("Relu")) {
            [saved.combined(dk_active.pointee.relu_gradient, withGradient: $0)]
        }
    }

    /// 1 / (1 + e^-x).
    public func sigmoid() -> Tensor {
        let result = activated(dk_active.pointee.sigmoid)
        let saved = result.detached()
        return result.recorded("sigmoid", [self], form: .unary("Sigmoid")) {
            [saved.combined(dk_active.pointee.sigmoid_gradient, withGradient: $0)]
        }
    }

    /// The hyperbolic tangent.
    public func tanh() -> Tensor {
        let result = activated(dk_active.pointee.hyperbolic_tangent)
        let saved = result.detached()
        return result.recorded("tanh", [self], form: .unary("Tanh")) {
            [saved.combined(dk_active.pointee.hyperbolic_tangent_gradient, withGradient: $0)]
        }
    }

    /// x sigmoid(x) (Ramachandran et al. 2017, "Searching for activation functions"), also called SiLU.
    public func swish() -> Tensor {
        let saved = self.saved()
        return activated(dk_active.pointee.swish).recorded("swish", [self], form: .swish) {
            [saved.combined(dk_active.pointee.swish_gradient, withGradient: $0)]
        }
    }

    /// x Φ(x) with the exact Φ of the normal distribution (by erf), not the tanh approximation (Hendrycks and Gimpel
    /// 2016, "Gaussian error linear units").
    public func gelu() -> Tensor {
        let saved = self.saved()
        return activated(dk_active.pointee.gelu).recorded("gelu", [self], form: .gelu) {
            [saved.combined(dk_active.pointee.gelu_gradient, withGradient: $0)]
        }
    }
}
