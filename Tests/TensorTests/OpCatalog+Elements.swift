import Kit
import TestSupport

/// Ops on single elements, and on their sums and order.
extension Op {
    static let functions: [Op] = [
        Op("exp", "y = eˣ", ["dx = dy y"], one) { $0[0].exp() },
        Op("log", "y = ln x", ["dx = dy / x"], one, 0.5, 3) { $0[0].log() },
        Op("sqrt", "y = √x", ["dx = dy / (2 y)"], one, 0.5, 3) { $0[0].sqrt() },
        Op("sin", "y = sin x", ["dx = dy cos x"], one) { $0[0].sin() },
        Op("cos", "y = cos x", ["dx = -dy sin x"], one) { $0[0].cos() },
        Op("abs", "y = abs x", ["dx = dy sign x"], one, 0.1, 3) { $0[0].abs() },
        Op("squared", "y = x²", ["dx = 2 dy x"], one) { $0[0].squared() },
        Op("negative", "y = -x", ["dx = -dy"], one) { -$0[0] },
        Op("relu", "y = max(x, 0)", ["dx = dy where y > 0"], one, 0.1, 2) { $0[0].relu() },
        Op("sigmoid", "y = σ(x) = 1 / (1 + e⁻ˣ)", ["dx = dy y (1 - y)"], one) { $0[0].sigmoid() },
        Op("tanh", "y = tanh x", ["dx = dy (1 - y²)"], one) { $0[0].tanh() },
        Op("swish", "y = x σ(x)", ["dx = dy σ(x) (1 + x - y)"], one) { $0[0].swish() },
        Op("gelu", "y = x Φ(x), Φ the normal distribution", ["dx = dy (Φ(x) + x Φ'(x))"], one) { $0[0].gelu() },
        Op("clamp", "y = min(max(x, low), high)", ["dx = dy where low <= x <= high"], one, -2, -0.1) {
            try $0[0].clamped(-5, 0)
        },
        Op("power", "y = xᵖ", ["dx = dy p xᵖ⁻¹"], one, 0.5, 2) { $0[0].power(1.7) },
        Op(
            "power of", "y = aᵇ", ["da = dy b aᵇ⁻¹", "db = dy y ln a where a > 0"], { [[$0, 7], [7]] }, 0.5, 2
        ) { try $0[0].power($0[1]) },
    ]

    static let arithmetic: [Op] = [
        Op("add", "y = a + b", ["da = dy", "db = dy"], two) { try $0[0] + $0[1] },
        Op(form: "add channel", { [[$0, 7], [7]] }) { try $0[0] + $0[1] },
        Op("subtract", "y = a - b", ["da = dy", "db = -dy"], two) { try $0[0] - $0[1] },
        Op(form: "subtract gate", { [[2, 3, $0, 5], [2, 1, 1, 5]] }) { try $0[0] - $0[1] },
        Op("multiply", "y = a b", ["da = dy b", "db = dy a"], two) { try $0[0] * $0[1] },
        Op(form: "multiply gate", { [[2, 3, $0, 5], [2, 1, 1, 5]] }) { try $0[0] * $0[1] },
        Op(form: "multiply by itself", one) { try $0[0] * $0[0] },
        Op("divide", "y = a / b", ["da = dy / b", "db = -dy y / b"], { [[$0, 1], [$0, 7]] }, 0.5, 2) {
            try $0[0] / $0[1]
        },
        Op(form: "arithmetic with numbers", one, 0.5, 2) { 3 / (2 - ($0[0] * 0.25 + 1) / 4) },
        Op(
            "maximum", "y = max(a, b)", ["da = dy where a > b, dy / 2 where a = b", "db = dy - da"],
            { [[$0, 7], [7]] }
        ) { try Tensor.maximum($0[0], $0[1] + 5) },
        Op("minimum", "y = min(a, b)", ["da = dy where a < b, dy / 2 where a = b", "db = dy - da"], two) {
            try Tensor.minimum($0[0], $0[1] + 5)
        },
        Op("broadcast", "y = x, repeated along axes", ["dx = Σ dy over the repeats"], { [[$0, 1, 3]] }) {
            try $0[0].broadcast(to: [2, $0[0].shape[0], 5, 3])
        },
    ]

    static let reductions: [Op] = [
        Op("sum", "y = Σ x", ["dx = dy, repeated"], { [[3, $0, 5]] }) { try $0[0].sum([1]) },
        Op("mean", "y = m = Σ x / n", ["dx = dy / n"], { [[$0, 5]] }) { try $0[0].mean() },
        Op("variance", "y = Σ (x - m)² / (n - c), c the correction", ["dx = 2 dy (x - m) / (n - c)"], { [[3, $0, 5]] })
        {
            try $0[0].variance([0, 1])
        },
        Op("max", "y = max x", ["dx = dy at the first of the largest"], { [[2, $0]] }) {
            try ($0[0] + ramp($0[0].shape)).max([1])
        },
        Op("min", "y = min x", ["dx = dy at the first of the smallest"], { [[2, $0]] }) {
            try ($0[0] + ramp($0[0].shape)).min()
        },
    ]

    static let layout: [Op] = [
        Op("permute", "y = x, axes in another order", ["dx = dy, axes put back"], { [[$0, 2, 5]] }) {
            try $0[0].permuted([2, 0, 1])
        },
        Op("reshape", "y = x in another shape", ["dx = dy in the shape of x"], { [[$0, 4]] }) {
            try $0[0].reshaped([2, -1])
        },
        Op(form: "flatten", { [[2, $0, 4]] }) { try $0[0].flattened(from: 1) },
        Op(form: "squeeze", { [[2, 1, $0]] }) { try $0[0].squeezed(axis: 1) },
        Op(form: "unsqueeze", one) { try $0[0].unsqueezed(axis: 1) },
        Op("slice", "y = a range of x", ["dx = dy in the range, 0 outside"], { [[$0, 4]] }) {
            try $0[0].slice(axis: 1, 1..<3)
        },
        Op(form: "select", { [[$0, 4]] }) { try $0[0].select(axis: 0, -1) },
        Op("gather", "yᵢ = x at row kᵢ", ["dx at row k = Σ dyᵢ where kᵢ = k"], { [[$0, 4]] }) {
            try $0[0].gatherRows([0, 2, 0])
        },
        Op("pick", "yᵢ = xᵢ at column kᵢ", ["dxᵢ = dyᵢ at column kᵢ, 0 elsewhere"], { [[$0, 4]] }) {
            try $0[0].picked(columns: (0..<$0[0].shape[0]).map { $0 % 4 })
        },
        Op(
            "concat", "y = a then b along an axis", ["da = its part of dy", "db = its part of dy"],
            { [[$0, 4], [$0, 3]] }
        ) {
            try Tensor.concat([$0[0], $0[1], $0[0]], axis: 1)
        },
        Op(form: "stack", two) { try Tensor.stack($0) },
    ]
}
