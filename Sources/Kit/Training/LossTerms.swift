import KitCore
import KitTensor

/// The result of a step function: named terms, whose sum is minimised, or one tensor, which counts as a term named
/// "loss".
struct LossTerms {
    /// Sorted by name, since the order of a Lua table is not fixed and the sum's last bits depend on it.
    let terms: [(name: String, tensor: Tensor)]

    init(_ value: OptionValue) throws {
        switch value {
        case .object(let object):
            guard let tensor = object as? Tensor else { throw Self.mismatch(value) }
            terms = [("loss", tensor)]
        case .table(let options) where options.list.isEmpty && !options.named.isEmpty:
            terms = try options.named.sortedByBytes(of: \.key).map { key, value in
                guard case .object(let object) = value, let tensor = object as? Tensor else {
                    throw KitError.usage("step: the loss term '\(key)' must be a tensor, but is \(value.givenText)")
                }
                return (key, tensor)
            }
        default: throw Self.mismatch(value)
        }
        for (name, tensor) in terms where tensor.count != 1 {
            throw KitError.usage(
                "step: the loss term '\(name)' must have one element, but its shape is \(tensor.shape): take its mean")
        }
    }

    /// The value of each term.
    var values: [(name: String, value: Double)] { terms.map { ($0.name, Double($0.tensor.values[0])) } }

    /// Their sum, with its gradient.
    func total() throws -> Tensor {
        try terms.dropFirst().reduce(terms[0].tensor.reshaped([])) { try $0 + $1.tensor.reshaped([]) }
    }

    private static func mismatch(_ value: OptionValue) -> KitError {
        .usage("step: must return a loss tensor or a table of named ones, but returned \(value.givenText)")
    }
}
