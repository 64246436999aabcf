/// Names of options in PyTorch and other libraries, with the kit's.
enum ForeignOptions {
    /// Each with the names of the same thing here, of which a plugin has one at most.
    private static let names: [String: [String]] = [
        "lr": ["learning_rate"], "rate": ["learning_rate"], "eps": ["epsilon"], "betas": ["beta1"],
        "wd": ["weight_decay"], "tau": ["temperature"], "p": ["probability"], "dim": ["axis"],
        "in_channels": ["channels"], "out_channels": ["channels"], "num_features": ["channels", "features"],
        "in_features": ["widths"], "out_features": ["widths", "features"], "input_size": ["widths"],
        "hidden_size": ["widths"], "kernel_size": ["kernel"], "num_layers": ["layers"],
        "normalized_shape": ["features"], "batch_size": ["batch"], "num_workers": ["workers"],
        "prefetch_factor": ["prefetch"], "max_norm": ["clip_norm"], "gradient_clip_val": ["clip_norm"],
        "accumulate_grad_batches": ["accumulate"], "max_epochs": ["epochs"], "max_steps": ["steps"],
        "scheduler": ["schedule"], "param_groups": ["groups"], "params": ["modules", "groups"],
        "num_classes": ["classes"], "sample_rate": ["rate"], "n_mels": ["mels"], "warmup_ratio": ["warmup"],
        "zero_infinity": ["impossible"], "pos_weight": ["positive_weight"], "weight": ["class_weights"],
        "monitor": ["best"], "patience": ["best"], "callbacks": ["on_step"], "val_check_interval": ["evaluate"],
    ]

    /// ": did you mean 'learning_rate'?" for "lr" if that is one of the options; else for the nearest of them.
    static func hint(_ name: String, in options: [String]) -> String {
        let own = names[name.lowercased()]?.first(where: options.contains)
        return NearestName.hint(name, in: options, foreignNames: own.map { [name: $0] } ?? [:])
    }
}
