import Foundation
import Kit
import Testing

/// One case of an op in an `Oracle`: its inputs, its options, and what PyTorch made of them.
public final class OracleCase {
    /// "softmax/0".
    public let name: String
    /// The inputs, by name; gradients are collected for all that the reference has a gradient of.
    public let inputs: [String: Tensor]
    private let options: [String: Any]
    private var expected: [String: (shape: Shape, numbers: ArraySlice<Float>)] = [:]
    private static let largestInFull = 64
    private static let sketchLines = 32

    init(_ name: String, _ text: String, _ numbers: [Float]) throws {
        self.name = name
        let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
        options = object["options"] as? [String: Any] ?? [:]
        var start = 0
        for value in object["values"] as? [[Any]] ?? [] {
            let shape = Shape(try #require(value[1] as? [Int]))
            let count = shape.count > Self.largestInFull ? 1 + Self.sketchLines : shape.count
            expected[try #require(value[0] as? String)] = (shape, numbers[start..<start + count])
            start += count
        }
        var inputs: [String: Tensor] = [:]
        for (key, value) in object["inputs"] as? [String: [Any]] ?? [:] {
            let range = value.dropFirst().compactMap { $0 as? Double }
            let input = Pattern.tensor(
                "\(name)/\(key)", Shape(try #require(value[0] as? [Int])), range.first ?? -1, range.last ?? 1)
            input.requiresGrad = expected["grad.\(key)"] != nil
            inputs[key] = input
        }
        self.inputs = inputs
    }

    public subscript(input: String) -> Tensor {
        guard let tensor = inputs[input] else { preconditionFailure("\(name) has no input '\(input)'") }
        return tensor
    }

    public func int(_ option: String) throws -> Int { try get(option) }
    public func ints(_ option: String) throws -> [Int] { try get(option) }
    public func number(_ option: String) throws -> Double { try get(option) }
    public func bool(_ option: String) throws -> Bool { try get(option) }
    public func numbers(_ option: String) throws -> [Double] { try get(option) }
    public func strings(_ option: String) throws -> [String] { try get(option) }
    public func string(_ option: String) throws -> String { try get(option) }

    public func hasOption(_ option: String) -> Bool { options[option] != nil }

    /// Whether the reference holds a value of this name.
    public func has(_ value: String) -> Bool { expected[value] != nil }

    /// Compares a tensor, its shape included, with the reference's value of this name ("running_mean").
    public func expect(
        _ tensor: Tensor, _ value: String, within tolerance: Double = 1e-5,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(tensor.shape == expected[value]?.shape, "\(name): shape of \(value)", sourceLocation: sourceLocation)
        guard tensor.shape == expected[value]?.shape else { return }
        let error = relativeError(tensor, value)
        #expect(error <= tolerance, "\(name): relative error of \(value)", sourceLocation: sourceLocation)
    }

    /// How far a tensor is from the reference, in norm, relative to the reference's norm.
    ///
    /// The mean square of sums with random signs is the squared norm, so such sums of the difference estimate its norm,
    /// to about an eighth.
    public func relativeError(_ tensor: Tensor, _ value: String) -> Double {
        guard let reference = expected[value], reference.shape == tensor.shape else { return .infinity }
        let (given, numbers) = (tensor.values, Array(reference.numbers))
        guard given.count > Self.largestInFull else {
            let difference = zip(given, numbers).reduce(0) { $0 + pow(Double($1.0) - Double($1.1), 2) }
            return Self.ratio(difference.squareRoot(), numbers.reduce(0) { $0 + pow(Double($1), 2) }.squareRoot())
        }
        let squares = (0..<Self.sketchLines).map { line in
            pow(Pattern.signedSum("\(name)/\(value)#\(line)", given) - Double(numbers[line + 1]), 2)
        }
        return Self.ratio((squares.reduce(0, +) / Double(Self.sketchLines)).squareRoot(), Double(numbers[0]))
    }

    private static func ratio(_ error: Double, _ norm: Double) -> Double { error == 0 ? 0 : error / norm }

    /// The gradient that backward starts from for one output.
    func seed(_ output: Int, _ shape: Shape) -> Tensor { Pattern.tensor("\(name)/seed.\(output)", shape) }

    private func get<Value>(_ option: String) throws -> Value {
        try #require(options[option] as? Value, "\(name): option '\(option)' is \(String(describing: options[option]))")
    }
}
