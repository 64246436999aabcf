import Kit

/// How the weights of linear layers start.
enum FreshLinearWeights: String, CaseIterable, ChoiceOption {
    case uniform, normal, xavier

    static let help =
        "Fresh weights: uniform in ±1 / sqrt(in), as are biases (PyTorch's default); normal with standard deviation 0.02; or xavier, uniform in ±sqrt(6 / (in + out)). Biases of the last two start at 0."

    var initialiser: Initialiser {
        switch self {
        case .uniform: .uniformFanIn
        case .normal: .normal(0.02)
        case .xavier: .xavierUniform(gain: 1)
        }
    }

    /// Sets biases to 0 that the initialiser does not.
    func finish<Made: Module>(_ module: Made) -> Made {
        guard self == .xavier, !MemoryShortage.isPending else { return module }
        for (name, tensor) in module.namedParameters() where name == "bias" || name.hasSuffix(".bias") {
            tensor.pointer.update(repeating: 0, count: tensor.count)
        }
        return module
    }
}
