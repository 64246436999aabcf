/// Names of options, and of recipes' keys, in PyTorch and other libraries, with the kit's.
enum ForeignOptions {
    /// Each with the names of the same thing here, of which a plugin has one at most.
    private static let names: [String: [String]] = [
        "lr": ["learning_rate", "rate"], "rate": ["learning_rate"], "eps": ["epsilon"], "betas": ["beta1"],
        "wd": ["weight_decay"], "tau": ["temperature"], "p": ["probability"],
        "dim": ["axis", "width"], "keepdim": ["keepdims"],
        "in_channels": ["channels"], "out_channels": ["channels"], "num_features": ["channels", "features"],
        "in_features": ["widths"], "out_features": ["widths", "features"], "input_size": ["widths"],
        "hidden_size": ["widths"], "kernel_size": ["kernel"], "num_layers": ["layers"],
        "normalized_shape": ["features"], "batch_size": ["batch"], "num_workers": ["workers"],
        "prefetch_factor": ["prefetch"], "max_norm": ["clip_norm"], "gradient_clip_val": ["clip_norm"],
        "accumulate_grad_batches": ["accumulate"], "max_epochs": ["epochs"], "max_steps": ["steps"],
        "scheduler": ["schedule"], "param_groups": ["groups"], "params": ["modules", "groups"],
        "num_classes": ["classes"], "sample_rate": ["rate"], "n_mels": ["mels"], "num_mel_bins": ["mels"],
        "num_heads": ["heads"], "nhead": ["heads"], "n_head": ["heads"], "n_heads": ["heads"],
        "num_attention_heads": ["heads"], "embed_dim": ["width"], "d_model": ["width"],
        "hidden_dim": ["width", "hidden"],
        "dim_feedforward": ["hidden"], "mlp_dim": ["hidden"], "mlp_ratio": ["hidden"], "intermediate_size": ["hidden"],
        "num_hidden_layers": ["depth", "layers"], "drop_path_rate": ["drop_path"],
        "stochastic_depth_prob": ["drop_path"],
        "init_values": ["layer_scale"], "layer_scale_init_value": ["layer_scale"], "in_chans": ["channels"],
        "patch_size": ["size"], "dropout_rate": ["probability"],
        "norm_eps": ["epsilon"], "layer_norm_eps": ["epsilon"], "nonlinearity": ["activation"],
        "act_layer": ["activation"],
        "warmup_ratio": ["warmup"], "warmup_steps": ["warmup"], "num_warmup_steps": ["warmup"],
        "warmup_epochs": ["warmup"], "eta_min": ["min_factor"], "min_lr": ["min_factor"],
        "step_size": ["milestones"], "reg": ["weight_decay"], "lr_scheduler": ["schedule"],
        "gradient_accumulation_steps": ["accumulate"], "max_grad_norm": ["clip_norm"], "ema_decay": ["ema"],
        "every_n_train_steps": ["checkpoint_every"], "save_top_k": ["keep_checkpoints"], "train_dataloaders": ["data"],
        "dataloader": ["data"], "dataset": ["data"], "model": ["modules", "module"], "loss_fn": ["step"],
        "criterion": ["step"], "training_step": ["step"], "root": ["path"], "transform": ["augment"],
        "transforms": ["augment"], "test_size": ["held_out"], "random_state": ["seed"],
        "zero_infinity": ["impossible"], "pos_weight": ["positive_weight"], "weight": ["class_weights"],
        "monitor": ["best"], "patience": ["best"], "callbacks": ["on_step"], "val_check_interval": ["evaluate"],
    ]

    /// Options that are not needed here, with the reason.
    private static let needless: [String: String] = {
        let length = "a schedule lasts as long as the run, whose length kit.train's steps or epochs set"
        let device = "everything is computed on the processor"
        return [
            "t_max": length, "num_training_steps": length, "total_steps": length, "total_iters": length,
            "last_epoch": "a resumed run continues its schedule by itself",
            "device": device, "accelerator": device, "devices": device, "gpus": device, "pin_memory": device,
            "dtype": "tensors are float32",
            "shuffle": "the sampler decides the order: kit.sampler.uniform shuffles",
            "batch_first": "the first axis is always the batch",
            "inplace": "layers return new tensors",
            "reduction": "a loss is the mean over the batch",
        ]
    }()

    /// ": did you mean 'learning_rate'?" for "lr" if that is one of the options; why there is none, for "T_max"; else the
    /// nearest of the options.
    static func hint(_ name: String, in options: [String]) -> String {
        let own = names[name.lowercased()]?.first(where: options.contains)
        if own == nil, let reason = needless[name.lowercased()] { return ": \(reason)" }
        return NearestName.hint(name, in: options, foreignNames: own.map { [name: $0] } ?? [:])
    }
}
