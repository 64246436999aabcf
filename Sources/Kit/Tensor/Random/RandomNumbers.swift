import KitCore

/// A random stream in a recipe's hands.
public final class RandomNumbers: ScriptObject {
    private var stream: RandomStream

    public init(_ stream: RandomStream) { self.stream = stream }

    public static var scriptTypeName: String { "random" }
    public static var scriptSummary: String { "A stream of random numbers; every call goes on in it." }
    public var scriptDescription: String { "random stream, \(stream.position) numbers drawn" }

    public static var scriptMethods: [ScriptMethod] {
        [
            ScriptMethod(
                "derived", on: RandomNumbers.self,
                "An independent stream: the same for the same name and number, whatever was drawn before.",
                [ScriptParameter("name", "string"), ScriptParameter("number", "integer", optional: true)],
                returns: "random"
            ) { random, arguments in
                let number = try arguments.get(1, as: Int?.self)
                let name: String = try arguments.get(0)
                return .object(
                    RandomNumbers(number.map { random.stream.derived(name, $0) } ?? random.stream.derived(name)))
            },
            ScriptMethod(
                "uniform", on: RandomNumbers.self,
                "A number in [low, high), which is [0, 1) unless said; with a shape, a tensor of them.",
                [
                    ScriptParameter("low", "number", optional: true), ScriptParameter("high", "number", optional: true),
                    ScriptParameter("shape", "list of integers", optional: true),
                ], returns: "number or tensor"
            ) { random, arguments in
                let low = try arguments.get(0, as: Double?.self) ?? 0
                let high = try arguments.get(1, as: Double?.self) ?? 1
                guard low <= high else { throw KitError.usage("uniform: low (\(low)) is above high (\(high))") }
                guard let shape = try arguments.get(2, as: [Int]?.self) else {
                    return .number(random.stream.uniform(low, high))
                }
                return .object(
                    Tensor.uniform(try Shape(checking: shape, "uniform"), Float(low), Float(high), &random.stream))
            },
            ScriptMethod(
                "normal", on: RandomNumbers.self,
                "A number of mean 0 and deviation 1; with a shape, a tensor of them.",
                [ScriptParameter("shape", "list of integers", optional: true)], returns: "number or tensor"
            ) { random, arguments in
                guard let shape = try arguments.get(0, as: [Int]?.self) else {
                    return .number(Double(random.stream.normal()))
                }
                return .object(Tensor.normal(try Shape(checking: shape, "normal"), &random.stream))
            },
            ScriptMethod(
                "integer", on: RandomNumbers.self, "A whole number from low to high, both included.",
                [ScriptParameter("low", "integer"), ScriptParameter("high", "integer")], returns: "integer"
            ) { random, arguments in
                let low: Int = try arguments.get(0)
                let high: Int = try arguments.get(1)
                let (span, overflow) = high.subtractingReportingOverflow(low)
                guard span >= 0, span < .max, !overflow else {
                    throw KitError.usage("integer: expected low <= high, but they are \(low) and \(high)")
                }
                return .int(low + random.stream.index(below: span + 1))
            },
            ScriptMethod(
                "permutation", on: RandomNumbers.self, "The numbers 1 to count in random order, as a list.",
                [ScriptParameter("count", "integer")], returns: "list of integers"
            ) { random, arguments in
                let count: Int = try arguments.get(0)
                guard (0...10_000_000).contains(count) else {
                    throw KitError.usage("permutation: argument 'count' must be 0 to 10000000, but is \(count)")
                }
                return .list(random.stream.permutation(count).map { .int($0 + 1) })
            },
        ]
    }
}

@section("dubkit_script_types") @used private let numbers: PluginEntry = { registerScriptType(RandomNumbers.self) }
