import Kit
import TestSupport

/// Ops on the order of elements, and those that choose among them.
extension Op {
    static let order: [Op] = [
        Op("sort", "y = x in order", ["dx at the place of each y = its dy"], { [[2, $0]] }) {
            try ($0[0] + ramp($0[0].shape)).sorted(axis: 1, descending: true).values
        },
        Op(form: "topk", { [[2, $0]] }) { try ($0[0] + ramp($0[0].shape)).top(2, axis: 1).values },
        Op("cumsum", "yᵢ = Σ xⱼ, j <= i", ["dxⱼ = Σ dyᵢ, i >= j"], { [[2, $0, 3]] }) {
            try $0[0].cumulativeSum(axis: 1)
        },
        Op("norm", "y = √Σ x²", ["dx = dy x / y, 0 where y = 0"], { [[$0, 5]] }, 0.5, 2) { try $0[0].norm([1]) },
        Op("where", "y = a where m is not 0, else b", ["da = dy where m is not 0", "db = dy elsewhere"], two) {
            let mask = Tensor((0..<$0[0].count).map { Float($0 % 2) }, $0[0].shape)
            return try mask.choosing($0[0], else: $0[1])
        },
        Op(form: "pad", { [[$0, 4]] }) { try $0[0].padded(axis: 1, before: 1, after: 2, with: 3) },
        Op(form: "interpolate", { [[2, $0, 3]] }) { try $0[0].interpolated(to: [5]) },
        Op(form: "einsum", { [[$0, 4], [4, 3]] }) { try Tensor.einsum("ij,jk->ki", $0) },
        Op("watched", "y = x", ["dx = what a function makes of dy"], one) { $0[0].watched { $0 * 1 } },
    ]
}
