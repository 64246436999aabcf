import Foundation
import Kit
import Testing

/// Reference results from PyTorch in float64, made by a script in `Tests/Oracle` with its `oracle.py`.
///
///     let oracle = try Oracle("ops")                                  // Fixtures/ops.safetensors beside this test
///     try oracle.check("softmax") { try $0["x"].softmax(axis: $0.int("axis")) }
///
/// The file is safetensors. Its metadata holds for each case ("softmax/0") a JSON object: the inputs' shapes and ranges
/// (the values come from `Pattern`, under the name "softmax/0/x"), the options, and the names and shapes of the expected
/// values: "output.0" and the gradients "grad.x" of the outputs' dot product with the patterns "softmax/0/seed.0"...
/// The numbers of all of them are one tensor, in that order; a value with more than 64 elements is there as a sketch:
/// its norm and 32 sums with random signs (see `relativeError`).
public final class Oracle {
    let name: String
    private let metadata: [String: String]
    private let numbers: [String: [Float]]

    public init(_ name: String, file: String = #filePath) throws {
        self.name = name
        let file = try SafetensorsFile(Fixtures.folder(file).appendingPathComponent("\(name).safetensors").path)
        metadata = file.metadata
        numbers = Dictionary(uniqueKeysWithValues: try file.names.map { ($0, try file.tensor($0).values) })
    }

    /// All cases of an op, in the order in which the script made them. Fails the test if there is none.
    public func cases(_ operation: String) throws -> [OracleCase] {
        var cases: [OracleCase] = []
        while let text = metadata["\(operation)/\(cases.count)"] {
            let name = "\(operation)/\(cases.count)"
            cases.append(try OracleCase(name, text, numbers[name] ?? []))
        }
        try #require(!cases.isEmpty, "no case of '\(operation)' in \(name).safetensors")
        return cases
    }

    /// Runs an op on every case and compares its result and the gradients of all its inputs with the reference.
    ///
    /// - Parameters:
    ///   - tolerance: the largest relative error in norm.
    ///   - body: the op: takes its inputs and options from the case.
    public func check(
        _ operation: String, within tolerance: Double = 1e-5, sourceLocation: SourceLocation = #_sourceLocation,
        _ body: (OracleCase) throws -> Tensor
    ) throws {
        try checkAll(operation, within: tolerance, sourceLocation: sourceLocation) { [try body($0)] }
    }

    /// The same for an op with several results.
    public func checkAll(
        _ operation: String, within tolerance: Double = 1e-5, sourceLocation: SourceLocation = #_sourceLocation,
        _ body: (OracleCase) throws -> [Tensor]
    ) throws {
        for each in try cases(operation) {
            let outputs = try body(each)
            for (index, output) in outputs.enumerated() {
                each.expect(output, "output.\(index)", within: tolerance, sourceLocation: sourceLocation)
                if output.needsGrad { try output.backward(from: each.seed(index, output.shape)) }
            }
            for (name, input) in each.inputs where each.has("grad.\(name)") {
                let gradient = try #require(
                    input.grad, "\(each.name): no gradient for \(name)", sourceLocation: sourceLocation)
                each.expect(gradient, "grad.\(name)", within: tolerance, sourceLocation: sourceLocation)
            }
        }
    }
}
