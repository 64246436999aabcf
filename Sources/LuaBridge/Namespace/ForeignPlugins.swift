/// Names of layers, losses and other classes in PyTorch, timm and Lightning, with the way a recipe writes them.
package enum ForeignPlugins {
    /// By the class's name, as it is and in small letters.
    package static let all: [String: String] = names.merging(names.map { ($0.key.lowercased(), $0.value) }) { own, _ in
        own
    }

    private static let convolution = "kit.layer.convolution { in, out, kernel = ... }"
    private static let batchNorm = "kit.layer.batch_norm { channels }"

    private static let names = [
        "Conv1d": convolution, "Conv2d": convolution, "Conv3d": convolution, "conv": convolution,
        "BatchNorm1d": batchNorm, "BatchNorm2d": batchNorm, "BatchNorm3d": batchNorm,
        "ReLU": "kit.layer.activation { \"relu\" }", "GELU": "kit.layer.activation { \"gelu\" }",
        "SiLU": "kit.layer.activation { \"swish\" }", "Tanh": "kit.layer.activation { \"tanh\" }",
        "Sigmoid": "kit.layer.activation { \"sigmoid\" }",
        "MaxPool2d": "kit.layer.max_pool { ... }", "MaxPool3d": "kit.layer.max_pool { ... }",
        "AvgPool2d": "kit.layer.mean_pool { ... }", "AvgPool3d": "kit.layer.mean_pool { ... }",
        "AdaptiveAvgPool1d": "kit.layer.global_mean {}", "AdaptiveAvgPool2d": "kit.layer.global_mean {}",
        "AdaptiveAvgPool3d": "kit.layer.global_mean {}",
        "Sequential": "kit.layer.chain { ... }", "ModuleList": "a list among the parts of kit.define.layer",
        "Parameter": "kit.parameter(tensor)", "Module": "kit.define.layer { ... }",
        "MultiheadAttention": "kit.layer.attention { width, heads = ... }",
        "TransformerEncoder": "kit.layer.transformer { width, heads = ..., depth = ... }",
        "TransformerEncoderLayer": "kit.layer.transformer_block { width, heads = ... }",
        "Block": "kit.layer.transformer_block { width, heads = ... }", "PatchEmbed": "kit.layer.patches { ... }",
        "Mlp": "kit.layer.feed_forward { ... } or kit.head.mlp { ... }",
        "DropPath": "kit.layer.drop_path { ... }", "StochasticDepth": "kit.layer.drop_path { ... }",
        "BCEWithLogitsLoss": "kit.loss.binary_cross_entropy {}", "BCELoss": "kit.loss.binary_cross_entropy {}",
        "TripletMarginLoss": "kit.loss.triplet {}", "NTXentLoss": "kit.loss.nt_xent {}",
        "InfoNCE": "kit.loss.nt_xent {}",
        "SimCLR": "kit.loss.nt_xent {}", "SupConLoss": "kit.loss.supcon {}",
        "CosineAnnealingLR": "kit.schedule.cosine {}", "OneCycleLR": "kit.schedule.cosine { warmup = ... }",
        "StepLR": "kit.schedule.step { ... }", "MultiStepLR": "kit.schedule.step { ... }",
        "LambdaLR": "schedule = function(step, total) ... end in kit.train", "ConstantLR": "kit.schedule.constant {}",
        "DataLoader": "films:batches(kit.sampler.uniform { batch = ... })",
        "RandomSampler": "kit.sampler.uniform { ... }", "SequentialSampler": "kit.sampler.sequential { ... }",
        "ColorJitter": "kit.augmentation.colour_jitter {}", "RandomGrayscale": "kit.augmentation.greyscale {}",
        "RandomHorizontalFlip": "kit.augmentation.horizontal_flip {}",
        "SpecAugment": "kit.augmentation.spec_augment {}",
        "Accuracy": "kit.metric.top1 {}", "AUROC": "kit.metric.roc_auc {}",
        "AveragePrecision": "kit.metric.mean_average_precision {}",
    ]
}
