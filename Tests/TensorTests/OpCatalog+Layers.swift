import Kit
import TestSupport

/// Ops that mix elements, as layers and losses use them.
extension Op {
    static let rows: [Op] = [
        Op("softmax", "y = eˣ / Σ eˣ", ["dx = y (dy - Σ dy y)"], { [[$0, 9]] }) { try $0[0].softmax() },
        Op("log_softmax", "y = x - ln Σ eˣ", ["dx = dy - eʸ Σ dy"], { [[9, $0]] }) { try $0[0].logSoftmax(axis: 0) },
        Op("logsumexp", "y = ln Σ eˣ", ["dx = dy eˣ⁻ʸ"], { [[$0, 9]] }) { try $0[0].logSumExp() },
        Op(
            "normalize", "y = x / r, r = max(‖x‖, ε)", ["dx = (dy - y Σ dy y) / r where ‖x‖ > ε, else dy / ε"],
            { [[$0, 9]] }
        ) { try $0[0].l2Normalized() },
        Op(
            "layer_norm", "y = n w + b, n = (x - m) / s, s = √(v + ε); m, v: mean and variance of the row",
            ["dx = (h - mean h - n mean(h n)) / s, h = dy w", "dw = Σ dy n", "db = Σ dy"], { [[$0, 9], [9], [9]] }
        ) { try $0[0].layerNorm($0[1], $0[2]) },
        Op("dropout", "y = k x / (1 - p), k = 0 or 1 at random", ["dx = k dy / (1 - p)"], one) {
            var random = RandomStream(seed: 3)
            return try $0[0].dropout(0.4, &random)
        },
    ]

    static let products: [Op] = [
        Op("matmul", "y = a b", ["da = dy bᵀ", "db = aᵀ dy"], { [[$0, 5], [5, 9]] }) { try $0[0].matmul($0[1]) },
        Op(form: "matmul, long inner axis", { [[3, $0], [$0, 4]] }) { try $0[0].matmul($0[1]) },
        Op(form: "matmul, transposed", { [[5, $0], [9, 5]] }) {
            try $0[0].matmul($0[1], transposeA: true, transposeB: true)
        },
        Op(form: "matmul, batches", { [[$0, 3, 5], [2, 1, 5, 4]] }) { try $0[0].matmul($0[1]) },
        Op("linear", "y = x wᵀ + b", ["dx = dy w", "dw = dyᵀ x", "db = Σ dy"], { [[$0, 5], [9, 5], [9]] }) {
            try $0[0].linear($0[1], $0[2])
        },
        Op(
            "lstm",
            "i, f, o = σ(·), g = tanh(·) of x + hₜ₋₁ wᵀ; cₜ = f cₜ₋₁ + i g; yₜ = hₜ = o tanh cₜ",
            [
                "dx = (e g i (1-i), e cₜ₋₁ f (1-f), e i (1-g²), dh tanh cₜ o (1-o)), "
                    + "dh = dyₜ + dxₜ₊₁ w, e = dh o (1 - tanh² cₜ) + eₜ₊₁ fₜ₊₁",
                "dw = Σ dxₜᵀ hₜ₋₁",
            ], { [[2, $0, 12], [12, 3]] }, -1, 1
        ) { try $0[0].lstm($0[1]) },
        Op(form: "lstm, reversed", { [[2, $0, 12], [12, 3]] }, -1, 1) { try $0[0].lstm($0[1], isReversed: true) },
    ]

    static let attention: [Op] = [
        Op(
            "attention", "y = p v, p = softmax(s) by rows, s = c q kᵀ + position terms, for each head",
            [
                "dq = c ds k, ds = p (dp - Σ dy y), dp = dy vᵀ", "dk = c dsᵀ q", "dv = pᵀ dy",
                "dterms = Σ ds over the keys at a place",
            ], { [[1, $0, 8], [1, 12, 8], [1, 12, 8], [1, $0, 14]] }, -1, 1
        ) {
            try $0[0].attention($0[1], $0[2], heads: 2, positions: PositionTerms($0[3], grid: [3, 4]))
        },
        Op(form: "attention, many keys, queries added", { [[2, 5, 3], [2, $0, 3], [2, $0, 3]] }, -1, 1) {
            try $0[0].attention($0[1], $0[2], heads: 1, adding: .allButFirst)
        },
        Op(
            "relative positions",
            "y = q rᵀ for each axis, r: the table's rows at the distances between the query's place and those of the keys",
            ["dq = Σ dy r over axes", "dr = Σ dyᵀ q over the queries at a place", "dr of the next axis, likewise"],
            { [[2, 1 + 2 * $0, 6], [2 * $0 - 1, 3], [3, 3]] }
        ) {
            let size = ($0[0].shape[1] - 1) / 2
            return try $0[0].relativePositions(
                [$0[1], $0[2]], grid: [size, 2], keyGrid: [min(3, size), 1], heads: 2, leading: 1
            ).values
        },
        Op(
            "resample", "y = (1 - t) x at the row before + t x at the row after", ["dx = (1 - t) dy and t dy"],
            { [[$0, 3]] }
        ) { try $0[0].resampledRows(7) },
        Op(
            "token pool",
            "y at p = Σ over taps t of x at (p stride - padding + t) times wₜ, for each feature of each head",
            ["dx, as conv3d's", "dw, as conv3d's, summed over heads"], { [[2, 1 + 6 * $0, 4], [2, 1, 3, 3, 1]] }
        ) {
            let rows = ($0[0].shape[1] - 1) / 6
            return try $0[0].pooledTokens($0[1], grid: [2, rows, 3], stride: [1, 2, 1], leading: 1)
        },
    ]

    static let windows: [Op] = [
        Op(
            "conv3d", "y at p = Σ over taps t of x at (p stride - padding + t) times wₜᵀ, + b",
            [
                "dx at q = Σ dy at p times wₜ, over all p, t with p stride - padding + t = q",
                "dwₜ = Σ over p of dyᵀ at p times x at (p stride - padding + t)", "db = Σ dy",
            ], { [[1, 2, $0, 4, 3], [5, 1, 3, 3, 3], [5]] }
        ) { try $0[0].conv3d(weight: $0[1], bias: $0[2], stride: [1, 2, 1], padding: [0, 1, 1]) },
        Op(form: "conv3d, pointwise", { [[1, 2, $0, 2, 3], [4, 1, 1, 1, 3]] }) { try $0[0].conv3d(weight: $0[1]) },
        Op(form: "conv3d, depthwise", { [[1, 3, $0, 2, 4], [4, 3, 1, 1, 1]] }) {
            try $0[0].conv3d(weight: $0[1], padding: [1, 0, 0], groups: 4)
        },
        Op(form: "conv2d", { [[1, $0, 3, 4], [6, 3, 3, 2]] }) {
            try $0[0].conv2d(weight: $0[1], padding: [1, 1], groups: 2)
        },
        Op(
            "avgPool2d", "y at p = the mean of x under the window", ["dx = Σ dy / n over the windows that hold it"],
            { [[1, $0, 4, 3]] }
        ) { try $0[0].avgPool2d(kernel: [2, 3], stride: [1, 2], padding: [0, 1]) },
        Op(form: "avgPool3d", { [[1, 3, $0, 4, 3]] }) { try $0[0].avgPool3d(kernel: [2, 2, 2], stride: [1, 1, 2]) },
        Op(
            "maxPool2d", "y at p = the largest x under the window",
            ["dx = Σ dy over the windows whose first largest it is"], { [[1, $0, 4, 3]] }, -0.4, 0.4
        ) { try ($0[0] + peaks($0[0].shape)).maxPool2d(kernel: [2, 3], stride: [1, 2], padding: [0, 1]) },
        Op(form: "maxPool3d", { [[1, 3, $0, 4, 3]] }, -0.4, 0.4) {
            try ($0[0] + peaks($0[0].shape)).maxPool3d(kernel: [2, 2, 2], stride: [1, 1, 2])
        },
        Op("globalMean", "y = the mean of x over all positions", ["dx = dy / n"], { [[2, $0, 3, 5]] }) {
            try $0[0].globalMean()
        },
    ]

    static let channels: [Op] = [
        Op(
            "batchNorm",
            "y = f(u), u = n scale + shift + residual, n = (x - m) / s, s = √(v + ε); m, v: mean and variance of the channel's batch",
            [
                "dx = (h - mean h - n mean(h n)) / s, h = du scale, du = dy f'(u)", "dscale = Σ du n", "dshift = Σ du",
                "dresidual = du",
            ], { [[$0, 2, 5], [5], [5], [$0, 2, 5]] }
        ) { try normalized($0, residual: $0[3]) },
        Op(form: "batchNorm, swish", { [[$0, 2, 5], [5], [5]] }) { try normalized($0, activation: .swish) },
        Op(form: "batchNorm, evaluation with constant m and v: dx = h / s", { [[$0, 2, 5], [5], [5]] }) {
            try normalized($0, isTraining: false)
        },
        Op(
            "gatedSwish", "y = u σ(u), u = x gate",
            ["dx = du gate, du = dy σ(u) (1 + u - y)", "dgate = Σ du x over positions"],
            { [[2, $0, 3, 5], [2, 1, 1, 5]] }
        ) { try $0[0].gatedSwish($0[1]) },
    ]

    static let losses: [Op] = [
        Op(
            "nt_xent",
            "y = mean over anchors i of ln Σⱼ exp sᵢⱼ - sᵢₚ, s = z zᵀ / T, z = a above b; j: candidates, p: the positive",
            [
                "da = upper half of dz = dy (g + gᵀ) z / (T n), n anchors, gᵢⱼ = exp sᵢⱼ / Σⱼ exp sᵢⱼ - (1 where j = p)",
                "db = lower half of dz",
            ], { [[min($0, 300), 4], [min($0, 300), 4]] }, -1, 1
        ) { try $0[0].ntXent(with: $0[1], temperature: 0.5, candidates: .bothViews, bothAnchors: true) },
        Op(form: "nt_xent, one view's rows", { [[min($0, 300), 4], [min($0, 300), 4]] }, -1, 1) {
            try $0[0].ntXent(with: $0[1], temperature: 0.5, candidates: .otherView, bothAnchors: false)
        },
        Op(
            "ctc",
            "y = -ln p, p = Σ over alignments π of the symbols of Π softmax(xₜ) at πₜ",
            ["dxₜ at class k = dy (softmax(xₜ) at k - Σ over alignments with πₜ = k of their share of p)"],
            { [[3, 5 + min($0, 4000), 4]] }
        ) { try $0[0].ctc([[1, 1, 3], [2], []], frames: [5, $0[0].shape[1], 4], blank: 0) },
    ]

    private static func normalized(
        _ inputs: [Tensor], isTraining: Bool = true, activation: Activation = .none, residual: Tensor? = nil
    ) throws -> Tensor {
        try inputs[0].batchNorm(
            scale: inputs[1], shift: inputs[2], runningMean: .zeros([5]), runningVariance: .ones([5]),
            isTraining: isTraining, activation: activation, residual: residual)
    }

    /// Distances between neighbours in any window that no step of a finite difference bridges.
    private static func peaks(_ shape: Shape) -> Tensor {
        Tensor((0..<shape.count).map { Float($0 * 37 % 101) }, shape)
    }
}
