import Foundation
import KitCore

extension Tensor {
    /// Sums of products by Einstein's notation: "bij,bjk->bik". Each letter is an axis; those without a place in the
    /// result are summed over.
    ///
    /// Throws an error that names the letter if the letters do not fit the tensors. A letter may occur only once in an
    /// operand.
    public static func einsum(_ formula: String, _ operands: [Tensor]) throws -> Tensor {
        let plan = try EinsumPlan(formula, operands)
        var (result, labels) = (operands[0], plan.inputs[0])
        for index in operands.indices.dropFirst() {
            let later = plan.inputs[(index + 1)...].joined() + plan.output
            (result, labels) = try product(
                result, labels, operands[index], plan.inputs[index], keeping: Set(later))
        }
        let summed = labels.indices.filter { !plan.output.contains(labels[$0]) }
        if !summed.isEmpty {
            result = try result.sum(summed)
            labels.removeAll { !plan.output.contains($0) }
        }
        return try result.permuted(plan.output.map { labels.firstIndex(of: $0)! })
    }

    /// The product of two tensors, summed over the letters that are not kept.
    private static func product(
        _ a: Tensor, _ aLabels: [Character], _ b: Tensor, _ bLabels: [Character], keeping kept: Set<Character>
    ) throws -> (Tensor, [Character]) {
        func withoutIdle(
            _ x: Tensor, _ labels: [Character], _ others: [Character]
        ) throws -> (Tensor, [Character]) {
            let idle = labels.indices.filter { !kept.contains(labels[$0]) && !others.contains(labels[$0]) }
            let rest = labels.filter { kept.contains($0) || others.contains($0) }
            return (idle.isEmpty ? x : try x.sum(idle), rest)
        }
        let (a, aLabels) = try withoutIdle(a, aLabels, bLabels)
        let (b, bLabels) = try withoutIdle(b, bLabels, aLabels)
        let shared = aLabels.filter(bLabels.contains)
        let (batch, summed) = (shared.filter(kept.contains), shared.filter { !kept.contains($0) })
        let rows = aLabels.filter { !bLabels.contains($0) }
        let columns = bLabels.filter { !aLabels.contains($0) }
        func extents(_ x: Tensor, _ labels: [Character], _ wanted: [Character]) -> [Int] {
            wanted.map { x.shape[labels.firstIndex(of: $0)!] }
        }
        func matrices(
            _ x: Tensor, _ labels: [Character], _ first: [Character], _ second: [Character]
        ) throws -> Tensor {
            try x.permuted((batch + first + second).map { labels.firstIndex(of: $0)! }).reshaped(
                Shape([batch, first, second].map { Shape.product(extents(x, labels, $0)) }))
        }
        let result = try matrices(a, aLabels, rows, summed).matmul(matrices(b, bLabels, summed, columns))
        let shape = extents(a, aLabels, batch) + extents(a, aLabels, rows) + extents(b, bLabels, columns)
        return (try result.reshaped(Shape(shape)), batch + rows + columns)
    }
}

/// The letters of a formula, checked against the tensors.
private struct EinsumPlan {
    let inputs: [[Character]]
    let output: [Character]

    init(_ formula: String, _ operands: [Tensor]) throws {
        func fault(_ text: String) -> KitError { .usage("einsum: \"\(formula)\" \(text)") }
        let text = formula.filter { $0 != " " }
        let sides = text.components(separatedBy: "->")
        guard sides.count == 2 else { throw fault("must have one ->, as in \"bij,bjk->bik\"") }
        inputs = sides[0].split(separator: ",", omittingEmptySubsequences: false).map(Array.init)
        output = Array(sides[1])
        if let other = (inputs.joined() + output).first(where: { !$0.isLetter || !$0.isASCII }) {
            throw fault("has '\(other)': axes are letters, and each tensor's axes are all written")
        }
        guard inputs.count == operands.count, !operands.isEmpty else {
            throw fault("has \(counted(inputs.count, "operand")), but is given \(counted(operands.count, "tensor"))")
        }
        var extents: [Character: (extent: Int, operand: Int)] = [:]
        for (index, (labels, tensor)) in zip(inputs, operands).enumerated() {
            guard labels.count == tensor.shape.rank else {
                throw fault(
                    "gives tensor \(index + 1) \(counted(labels.count, "axis", "axes")), but its shape is \(tensor.shape)"
                )
            }
            for (label, extent) in zip(labels, tensor.shape.extents) {
                if let known = extents[label] {
                    guard known.operand != index else {
                        throw fault("has '\(label)' twice in tensor \(index + 1): a diagonal is not supported")
                    }
                    guard known.extent == extent else {
                        throw fault(
                            "has '\(label)' with \(known.extent) in tensor \(known.operand + 1), but \(extent) in tensor "
                                + "\(index + 1)")
                    }
                }
                extents[label] = (extent, index)
            }
        }
        for (index, label) in output.enumerated() {
            guard extents[label] != nil else { throw fault("has '\(label)' only in the result") }
            guard !output[..<index].contains(label) else { throw fault("has '\(label)' twice in the result") }
        }
    }
}
