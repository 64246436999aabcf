import Kit

/// A kind of plugin that only these tests have.
protocol FixturePlugin: Plugin {}

extension FixturePlugin {
    static var kind: String { "fixture" }
    static var reference: String { "These tests." }
}

/// A number with a weight in native bytes, and with every metamethod.
final class Pebble: FixturePlugin, ScriptObject {
    static let name = "pebble"
    static let summary = "A number that Lua can hold."
    nonisolated(unsafe) static var alive = 0

    @Param("Its value.", in: -1e6...1e6, from: .ours) var value: Double = 0
    @Param("What it charges Lua.", unit: "bytes", from: .inferred) var bytes: Int = 0
    var kept: (any ScriptFunction)?

    init() { Self.alive += 1 }
    convenience init(_ value: Double) {
        self.init()
        self.value = value
    }
    deinit { Self.alive -= 1 }

    func validate() throws { if value == 13 { throw KitError.usage("13 brings bad luck") } }

    static let scriptTypeName = "pebble"
    static let scriptSummary = "A number that Lua can hold."
    var scriptDescription: String { "pebble \(value)" }
    var scriptBytes: Int { bytes }
    static var scriptFields: [ScriptField] {
        [
            ScriptField("amount", on: Pebble.self, Double.self) { $0.value },
            ScriptField("tags", on: Pebble.self, [String].self) { _ in ["small", "grey"] },
        ]
    }

    private typealias Operand = Either<Double, Pebble>

    private static func number(_ operand: Operand) -> Double {
        switch operand {
        case .first(let number): number
        case .second(let pebble): pebble.value
        }
    }

    private static func binary(_ name: String, _ operation: @escaping (Double, Double) -> Double) -> ScriptMethod {
        ScriptMethod(operator: name, "Arithmetic.", returns: Pebble.self) { (left: Operand, right: Operand) in
            Pebble(operation(number(left), number(right)))
        }
    }

    static var scriptMethods: [ScriptMethod] {
        [
            binary("__add", +), binary("__sub", -), binary("__mul", *), binary("__div", /),
            ScriptMethod(operator: "__eq", "Equality.", returns: Bool.self) { (left: Operand, right: Operand) in
                number(left) == number(right)
            },
            ScriptMethod(operator: "__lt", "Order.", returns: Bool.self) { (left: Operand, right: Operand) in
                number(left) < number(right)
            },
            ScriptMethod(operator: "__concat", "Joins.", returns: String.self) { (left: Operand, right: Operand) in
                "\(number(left))..\(number(right))"
            },
            ScriptMethod("__unm", on: Pebble.self, "Negates.", returns: Pebble.self) { Pebble(-$0.value) },
            ScriptMethod("__len", on: Pebble.self, "Its length.", returns: Int.self) { Int($0.value) },
            ScriptMethod(
                "__index", on: Pebble.self, "A digit.", ScriptArgument("position", Int.self), returns: Double.self
            ) { pebble, position in pebble.value * Double(position) },
            ScriptMethod(
                "__call", on: Pebble.self, "Adds.", ScriptArgument(rest: "numbers", Operand.self),
                returns: Double.self
            ) { pebble, numbers in numbers.reduce(pebble.value) { $0 + number($1) } },
            ScriptMethod("same", on: Pebble.self, "Returns itself.", returns: Pebble.self) { $0 },
            ScriptMethod("get", on: Pebble.self, "Its value.", returns: Double.self) { $0.value },
            ScriptMethod(
                "plus", on: Pebble.self, "Adds.", ScriptArgument("amount", Double.self), returns: Double.self
            ) { pebble, amount in pebble.value + amount },
            ScriptMethod(
                "echo", on: Pebble.self, "Returns it.", ScriptArgument("value", OptionValue.self),
                returns: OptionValue.self
            ) { $1 },
            ScriptMethod(
                "grade", on: Pebble.self, "Returns it.", ScriptArgument("size", EveryOption.Size.self),
                returns: String.self
            ) { _, size in size.rawValue },
            ScriptMethod("fail", on: Pebble.self, "Throws.", ScriptArgument("kind", Int.self)) { _, kind in
                throw KitError(KitError.Kind(rawValue: Int32(kind))!, "failed on purpose")
            },
            ScriptMethod("stumble", on: Pebble.self, "Throws no KitError.") { _ in
                throw OptionMismatch(expected: "luck")
            },
            ScriptMethod(
                "apply", on: Pebble.self, "Calls a function.",
                ScriptArgument("function", ObjectOption<any ScriptFunction>.self),
                ScriptArgument(rest: "arguments", OptionValue.self), returns: OptionValue.self
            ) { _, function, arguments in try function.object.call(arguments) },
            ScriptMethod(
                "keep", on: Pebble.self, "Keeps a function.",
                ScriptArgument("function", ObjectOption<any ScriptFunction>.self)
            ) { pebble, function in pebble.kept = function.object },
            ScriptMethod("interrupt", on: Pebble.self, "Acts as Ctrl-C.") { _ in Interrupt.request() },
        ]
    }
}

@section("dubkit_plugins") @used private let pebble: PluginEntry = { registerPlugin(Pebble.self) }

/// Notes how the scope of its `<close>` variable ends.
final class Gate: FixturePlugin, ScriptObject {
    static let name = "gate"
    static let summary = "Has a __close of its own."
    static let scriptTypeName = "gate"
    static let scriptSummary = "Has a __close of its own."
    nonisolated(unsafe) static var alive = 0
    nonisolated(unsafe) static var ends: [String] = []

    @Param("Whether closing throws.", from: .ours) var sticks: Bool = false

    init() { Self.alive += 1 }
    deinit { Self.alive -= 1 }

    static let scriptMethods = [
        ScriptMethod("__close", on: Gate.self, "Notes the end.", ScriptArgument("failed", Bool.self)) { gate, failed in
            ends.append(failed ? "failed" : "well")
            if gate.sticks { throw KitError(.inputOutput, "the gate sticks") }
        }
    ]
}

@section("dubkit_plugins") @used private let gate: PluginEntry = { registerPlugin(Gate.self) }

/// One option of every type; what was given can be read back.
final class EveryOption: FixturePlugin, ScriptObject {
    enum Size: String, ChoiceOption { case small, large }

    static let name = "every_option"
    static let summary = "Takes one option of every type."
    static let scriptTypeName = "every_option"
    static let scriptSummary = "What was given."

    @Param("A boolean.", from: .ours) var flag: Bool = false
    @Param("An integer.", in: 1...10, unit: "px", from: .paper) var count: Int = 1
    @Param("A number.", from: .ours) var rate: Double = 0.5
    @Param("A string.", from: .ours) var label: String = "a"
    @Param("A choice.", from: .authorsCode) var size: Size = .small
    @Param("A number or nil.", from: .ours) var limit: Double? = nil
    @Param("Integers.", from: .ours, positional: true) var widths: [Int] = [1]
    @Param("Lists of strings.", from: .ours) var names: [[String]] = []
    @Param("Numbers by name.", from: .ours) var weights: NamedOption<Double> = NamedOption()
    @Param("A pebble.", from: .ours) var peer: Pebble? = nil
    @Param("A function.", from: .ours) var step: ObjectOption<any ScriptFunction>? = nil
    @Param("Anything.", from: .ours) var anything: OptionValue = .null

    init() {}

    var scriptPropertyNames: [String] { declaredOptions.map(\.name) }

    func scriptProperty(_ name: String) -> OptionValue? {
        switch name {
        case "anything": anything
        case "peer": peer.optionValue
        case "step": step.map { .object($0.object) } ?? .null
        default: declaredOptions.first { $0.name == name }.flatMap { $0.param.currentText.map(OptionValue.string) }
        }
    }
}

@section("dubkit_plugins") @used private let everyOption: PluginEntry = { registerPlugin(EveryOption.self) }

/// A tensor of zeros.
struct Zeros: FixturePlugin {
    static let name = "zeros"
    static let summary = "A tensor of zeros."
    @Param("Elements.") var count: Int
    func construct() throws -> Any { Tensor.zeros([count]) }
}

@section("dubkit_plugins") @used private let zeros: PluginEntry = { registerPlugin(Zeros.self) }

/// Calls a function while it is made.
struct Caller: FixturePlugin {
    static let name = "caller"
    static let summary = "Calls a function."
    @Param("The function.") var f: ObjectOption<any ScriptFunction>
    func construct() throws -> Any { try f.object.call([]) }
}

@section("dubkit_plugins") @used private let caller: PluginEntry = { registerPlugin(Caller.self) }

/// A function directly under `kit`, whose options hold a required one.
struct Greet: Function {
    static let name = "greet"
    static let summary = "Greets."
    static let reference = "These tests."
    @Param("Who is greeted.") var name: String
    func construct() throws -> Any {
        if name == "nobody" { throw KitError(.noInput, "there is nobody") }
        return "hello \(name)"
    }
}

@section("dubkit_plugins") @used private let greet: PluginEntry = { registerPlugin(Greet.self) }
