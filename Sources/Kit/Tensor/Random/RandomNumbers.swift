import KitCore

/// A random stream for recipes.
public final class RandomNumbers: ScriptObject {
    private var stream: RandomStream

    public init(_ stream: RandomStream) { self.stream = stream }

    /// Calls a function that draws from the stream.
    public func draw<Result>(_ body: (inout RandomStream) throws -> Result) rethrows -> Result { try body(&stream) }

    public static var scriptTypeName: String { "random" }
    public static var scriptSummary: String { "A stream of random numbers. Every call continues it." }
    public var scriptDescription: String { "random stream, \(stream.position) numbers drawn" }

    public static var scriptMethods: [ScriptMethod] {
        [
            ScriptMethod(
                "derived", on: RandomNumbers.self,
                "An independent stream: the same for the same name and number, whatever was drawn before.",
                ScriptArgument("name", String.self), ScriptArgument("number", Int?.self), returns: RandomNumbers.self
            ) { random, name, number in
                RandomNumbers(number.map { random.stream.derived(name, $0) } ?? random.stream.derived(name))
            },
            ScriptMethod(
                "uniform", on: RandomNumbers.self,
                "A number in [low, high), [0, 1) by default; with a shape, a tensor of them.",
                ScriptArgument("low", Double.self, default: 0), ScriptArgument("high", Double.self, default: 1),
                ScriptArgument("shape", [Int]?.self), returns: Either<Double, Tensor>.self
            ) { random, low, high, shape in
                guard low <= high else { throw KitError.usage("uniform: low (\(low)) is above high (\(high))") }
                guard let shape else { return .first(random.stream.uniform(low, high)) }
                return .second(
                    Tensor.uniform(try Shape(checking: shape, "uniform"), Float(low), Float(high), &random.stream))
            },
            ScriptMethod(
                "normal", on: RandomNumbers.self,
                "A normal number of mean 0 and standard deviation 1; with a shape, a tensor of them.",
                ScriptArgument("shape", [Int]?.self), returns: Either<Double, Tensor>.self
            ) { random, shape in
                guard let shape else { return .first(Double(random.stream.normal())) }
                return .second(Tensor.normal(try Shape(checking: shape, "normal"), &random.stream))
            },
            ScriptMethod(
                "integer", on: RandomNumbers.self, "A whole number from low to high, both included.",
                ScriptArgument("low", Int.self), ScriptArgument("high", Int.self), returns: Int.self
            ) { random, low, high in
                let (span, overflow) = high.subtractingReportingOverflow(low)
                guard span >= 0, span < .max, !overflow else {
                    throw KitError.usage("integer: expected low <= high, but they are \(low) and \(high)")
                }
                return low + random.stream.index(below: span + 1)
            },
            ScriptMethod(
                "permutation", on: RandomNumbers.self, "The numbers 1 to count in random order, as a list.",
                ScriptArgument("count", Int.self), returns: [Int].self
            ) { random, count in
                guard (0...10_000_000).contains(count) else {
                    throw KitError.usage("permutation: argument 'count' must be 0 to 10000000, but is \(count)")
                }
                return random.stream.permutation(count).map { $0 + 1 }
            },
        ]
    }
}

@section("dubkit_script_types") @used private let numbers: PluginEntry = { registerScriptType(RandomNumbers.self) }
