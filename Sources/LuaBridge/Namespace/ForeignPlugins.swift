import Kit

/// Names of layers, losses and other classes, and of functions, in PyTorch, timm and Lightning, with the way a recipe writes them.
package enum ForeignPlugins {
    /// By the class's name, as it is and in small letters.
    package static let all: [String: String] = names.merging(names.map { ($0.key.lowercased(), $0.value) }) { own, _ in
        own
    }

    private static let convolution = "kit.layer.convolution { in, out, kernel = ... }"
    private static let scheduled = "schedule = function(step, total) ... end in kit.train"
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
        "InfoNCE": "kit.loss.nt_xent {}", "InfoNCELoss": "kit.loss.nt_xent {}",
        "VICRegLoss": "kit.loss.vicreg {}", "CTCLoss": "kit.loss.ctc {}",
        "MSELoss": "((a - b) ^ 2):mean()", "mse": "((a - b) ^ 2):mean()", "mse_loss": "((a - b) ^ 2):mean()",
        "L1Loss": "(a - b):abs():mean()", "l1": "(a - b):abs():mean()", "l1_loss": "(a - b):abs():mean()",
        "SimCLR": "kit.loss.nt_xent {}", "SupConLoss": "kit.loss.supcon {}",
        "CosineAnnealingLR": "kit.schedule.cosine {}", "OneCycleLR": "kit.schedule.cosine { warmup = ... }",
        "StepLR": "kit.schedule.step { ... }", "MultiStepLR": "kit.schedule.step { ... }",
        "ReduceLROnPlateau": "best = { \"accuracy\", patience = ... } in kit.train",
        "warmup": "kit.schedule.cosine { warmup = ... }", "cosine_warmup": "kit.schedule.cosine { warmup = ... }",
        "LambdaLR": scheduled, "LinearLR": scheduled, "ExponentialLR": scheduled,
        "CosineAnnealingWarmRestarts": scheduled, "ConstantLR": "kit.schedule.constant {}",
        "DataLoader": "films:batches(kit.sampler.uniform { batch = ... })",
        "RandomSampler": "kit.sampler.uniform { ... }", "SequentialSampler": "kit.sampler.sequential { ... }",
        "WeightedRandomSampler": "kit.sampler.class_balanced { ... }",
        "DistributedSampler": "mpirun -n 4 dubkit run FILE, which shares the batches of any sampler",
        "Compose": "augment = { ... } of kit.dataset.films",
        "Resize": "size = ... of kit.dataset.films", "Normalize": "mean and std of kit.dataset.films",
        "ToTensor": "nothing: frames are tensors with values from 0 to 1, less mean, divided by std",
        "TimeMasking": "kit.augmentation.spec_augment {}", "FrequencyMasking": "kit.augmentation.spec_augment {}",
        "mixup": "labels.mixup of scripts/lib/labels.lua in the step",
        "ColorJitter": "kit.augmentation.colour_jitter {}", "RandomGrayscale": "kit.augmentation.greyscale {}",
        "RandomHorizontalFlip": "kit.augmentation.horizontal_flip {}",
        "SpecAugment": "kit.augmentation.spec_augment {}",
        "Accuracy": "kit.metric.top1 {}", "AUROC": "kit.metric.roc_auc {}",
        "AveragePrecision": "kit.metric.mean_average_precision {}",
        "ViT": "kit.encoder.vit {}", "VisionTransformer": "kit.encoder.vit {}", "AST": "kit.encoder.vit {}",
        "ASTModel": "kit.encoder.vit {}", "VideoMAE": "kit.encoder.vit { modality = \"video\" }",
        "fc": "kit.layer.linear { in, out }", "dense": "kit.layer.linear { in, out }",
        // Functions of the package and of its modules.
        "nn": "kit.layer", "optim": "kit.optimizer", "models": "kit.encoder", "transforms": "kit.augmentation",
        "callbacks": "on_step, on_epoch and on_end of kit.train", "fit": "kit.train { ... }",
        "Trainer": "kit.train { ... }", "backward": "loss:backward()",
        "load": "module:load(path), or kit.tensor.read_all(path)",
        "save": "module:save(path), or kit.tensor.write(path, x)",
        "manual_seed": "kit.recipe { seed = 7 }", "seed": "kit.recipe { seed = 7 }",
        "randn": "kit.tensor.normal { ... }", "randn_like": "kit.tensor.normal(x:shape())",
        "rand": "kit.tensor.uniform { ... }", "rand_like": "kit.tensor.uniform(x:shape())",
        "randperm": "kit.random { seed = ... }:permutation(n)",
        "randint": "kit.random { seed = ... }:integer(low, high)",
        "tensor": "kit.tensor.from { ... }", "array": "kit.tensor.from { ... }", "from_numpy": "kit.tensor.read(path)",
        "full": "kit.tensor.ones { ... } * value", "empty": "kit.tensor.zeros { ... }",
        "zeros_like": "kit.tensor.zeros(x:shape())", "ones_like": "kit.tensor.ones(x:shape())",
        "cat": "kit.tensor.concat { x, y, axis = ... }", "concatenate": "kit.tensor.concat { x, y, axis = ... }",
        "hstack": "kit.tensor.concat { x, y, axis = 2 }", "vstack": "kit.tensor.concat { x, y }",
    ]

    /// ": write x:softmax()" for a name that is found elsewhere: a method of tensors or modules, or a plugin of another
    /// kind. Nil if there is none.
    static func elsewhere(_ name: String, _ registry: PluginRegistry) -> String? {
        let kinds = registry.kinds.filter { registry.names(of: $0).contains(name) }
        if let kind = kinds.first {
            return ": write kit.\(kind == KitNamespace.scriptTypeName ? "" : "\(kind).")\(name)"
        }
        for (type, object) in [(Tensor.self, "x"), (Module.self, "module")] as [(any ScriptObject.Type, String)] {
            if type.scriptMethods.contains(where: { $0.name == name }) { return ": write \(object):\(name)()" }
            if let own = type.scriptForeignNames[name] { return ": write \(own)" }
        }
        return nil
    }
}
