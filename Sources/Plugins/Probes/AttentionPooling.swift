import Kit

/// The pooling of a probe.
enum ProbePooling: String, CaseIterable, ChoiceOption, Sendable {
    case mean, max
    case meanMax = "mean_max"
    case attention

    /// The pooling of features without frames, and of frames that need no training.
    var fixed: FramePooling { FramePooling(rawValue: rawValue) ?? .mean }
}

/// Weighted means of frames, with weights that are trained: softmax over the frames x of an item of x q / sqrt(features),
/// for standardised frames and one query q. It begins with q = 0, which is the mean, and is trained on the training items
/// together with a linear classifier, which is then dropped.
struct AttentionPooling {
    private static let (epochs, batch, rate, decay) = (60, 64, 1e-2, 1e-4)
    /// Number of items that are pooled at once.
    private static let block = 256
    let seed: Int

    /// The pooled vectors of all items, [items, features].
    ///
    /// - Parameters:
    ///   - frames: [frames, features] of each item.
    ///   - labels: the labels of all items; only those of `train` are used.
    ///   - train: the places of the training items.
    func pooled(_ frames: [Tensor], _ labels: Labels, train: [Int]) throws -> Tensor {
        let width = frames[0].shape[1]
        let scale = FeatureScale(of: try Tensor.concat(train.map { frames[$0] }))
        let scaled = frames.map { Tensor(scale.applied(to: $0).map(Float.init), $0.shape) }
        try MemoryShortage.check()
        let stream = RandomStream(seed: seed).derived("attention pooling")
        var (weights, order) = (stream.derived("weights"), stream.derived("order"))
        let query = Tensor.zeros([width, 1])
        query.requiresGrad = true
        let classifier = Linear(width, labels.classes.count, &weights)
        let adam = AdamW()
        adam.weightDecay = Self.decay
        let stepper = try adam.stepper(for: [("query", query)] + classifier.namedParameters())
        for _ in 0..<Self.epochs {
            try Interrupt.check()
            let items = order.permutation(train.count).map { train[$0] }
            for start in stride(from: 0, to: items.count, by: Self.batch) {
                let chosen = Array(items[start..<min(start + Self.batch, items.count)])
                for tensor in [query] + classifier.namedParameters().map(\.tensor) { tensor.grad = nil }
                let scores = try classifier(Self.means(chosen.map { scaled[$0] }, query))
                try ShallowMLP.loss(scores, labels.rows(at: chosen)).backward()
                try stepper.step(rate: Self.rate)
            }
        }
        return try Autograd.noGrad {
            try Tensor.concat(
                stride(from: 0, to: scaled.count, by: Self.block).map { start in
                    try Self.means(Array(scaled[start..<min(start + Self.block, scaled.count)]), query)
                })
        }
    }

    /// The weighted means of items, [items, features].
    private static func means(_ items: [Tensor], _ query: Tensor) throws -> Tensor {
        let (count, longest, width) = (items.count, items.map { $0.shape[0] }.max()!, items[0].shape[1])
        let padded = Tensor.zeros([count, longest, width])
        let mask = Tensor.zeros([count, longest])
        try MemoryShortage.check()
        for (row, item) in items.enumerated() {
            (padded.pointer + row * longest * width).update(from: item.pointer, count: item.count)
            for frame in item.shape[0]..<longest { mask.pointer[row * longest + frame] = Tensor.hidden }
        }
        let factor = Float(1 / Double(width).squareRoot())
        let logits = try (padded.reshaped([count * longest, width]).matmul(query) * factor).reshaped([count, longest])
        let shares = try (logits + mask).softmax().unsqueezed(axis: 1)
        return try shares.matmul(padded).reshaped([count, width])
    }
}
