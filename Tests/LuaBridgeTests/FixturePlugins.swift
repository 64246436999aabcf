import Kit

/// A kind of plugin that only these tests have.
protocol FixturePlugin: Plugin {}

extension FixturePlugin {
    static var kind: String { "fixture" }
    static var source: String { "These tests." }
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
    var scriptPropertyNames: [String] { ["amount", "tags"] }

    func scriptProperty(_ name: String) -> OptionValue? {
        switch name {
        case "amount": .number(value)
        case "tags": .list([.string("small"), .string("grey")])
        default: nil
        }
    }

    private static func number(_ operand: OptionValue) throws -> Double {
        switch operand {
        case .int(let value): Double(value)
        case .number(let value): value
        case .object(let pebble as Pebble): pebble.value
        default: throw KitError.usage("an operand must be a number or a pebble, but is \(operand.givenText)")
        }
    }

    private static func binary(_ name: String, _ operation: @escaping (Double, Double) -> Double) -> ScriptMethod {
        ScriptMethod(operator: name, "Arithmetic.") { left, right in
            .object(Pebble(operation(try number(left), try number(right))))
        }
    }

    static var scriptMethods: [ScriptMethod] {
        [
            binary("__add", +), binary("__sub", -), binary("__mul", *), binary("__div", /),
            ScriptMethod(operator: "__eq", "Equality.") { .bool(try number($0) == number($1)) },
            ScriptMethod(operator: "__lt", "Order.") { .bool(try number($0) < number($1)) },
            ScriptMethod(operator: "__concat", "Joins.") { .string("\(try number($0))..\(try number($1))") },
            ScriptMethod("__unm", on: Pebble.self, "Negates.") { pebble, _ in .object(Pebble(-pebble.value)) },
            ScriptMethod("__len", on: Pebble.self, "Its length.") { pebble, _ in .int(Int(pebble.value)) },
            ScriptMethod("__index", on: Pebble.self, "A digit.", [ScriptParameter("position", "integer")]) {
                pebble, arguments in .number(pebble.value * Double(try arguments.get(0, as: Int.self)))
            },
            ScriptMethod(
                "__call", on: Pebble.self, "Adds.", [ScriptParameter("numbers", "number", variadic: true)]
            ) { pebble, arguments in
                .number(try arguments.values.reduce(pebble.value) { $0 + (try number($1)) })
            },
            ScriptMethod("same", on: Pebble.self, "Returns itself.") { pebble, _ in .object(pebble) },
            ScriptMethod("get", on: Pebble.self, "Its value.") { pebble, _ in .number(pebble.value) },
            ScriptMethod("plus", on: Pebble.self, "Adds.", [ScriptParameter("amount", "number")]) { pebble, arguments in
                .number(pebble.value + (try arguments.get(0, as: Double.self)))
            },
            ScriptMethod("echo", on: Pebble.self, "Returns it.", [ScriptParameter("value", "value")]) { _, arguments in
                try arguments.get(0, as: OptionValue.self)
            },
            ScriptMethod(
                "grade", on: Pebble.self, "Returns it.", [ScriptParameter("size", of: EveryOption.Size.self)]
            ) { _, arguments in .string(try arguments.get(0, as: EveryOption.Size.self).rawValue) },
            ScriptMethod("fail", on: Pebble.self, "Throws.", [ScriptParameter("kind", "integer")]) { _, arguments in
                throw KitError(KitError.Kind(rawValue: Int32(try arguments.get(0, as: Int.self)))!, "failed on purpose")
            },
            ScriptMethod("stumble", on: Pebble.self, "Throws no KitError.") { _, _ in
                throw OptionMismatch(expected: "luck")
            },
            ScriptMethod(
                "apply", on: Pebble.self, "Calls a function.",
                [ScriptParameter("function", "function"), ScriptParameter("arguments", "value", variadic: true)]
            ) { _, arguments in
                try arguments.object(0, as: (any ScriptFunction).self).call(Array(arguments.values.dropFirst()))
            },
            ScriptMethod("keep", on: Pebble.self, "Keeps a function.", [ScriptParameter("function", "function")]) {
                pebble, arguments in
                pebble.kept = try arguments.object(0)
                return .null
            },
            ScriptMethod("interrupt", on: Pebble.self, "Acts as Ctrl-C.") { _, _ in
                Interrupt.request()
                return .null
            },
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
        ScriptMethod("__close", on: Gate.self, "Notes the end.", [ScriptParameter("failed", "boolean")]) {
            gate, arguments in
            ends.append(try arguments.get(0) ? "failed" : "well")
            if gate.sticks { throw KitError(.inputOutput, "the gate sticks") }
            return .null
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
    static let scriptMethods: [ScriptMethod] = []

    @Param("A boolean.", from: .ours) var flag: Bool = false
    @Param("An integer.", in: 1...10, unit: "px", from: .paper) var count: Int = 1
    @Param("A number.", from: .ours) var rate: Double = 0.5
    @Param("A string.", from: .ours) var label: String = "a"
    @Param("A choice.", from: .authorsCode) var size: Size = .small
    @Param("A number or nil.", from: .ours) var limit: Double? = nil
    @Param("Integers.", from: .ours, positional: true) var widths: [Int] = [1]
    @Param("Lists of strings.", from: .ours) var names: [[String]] = []
    @Param("Numbers by name.", from: .ours) var weights: Named<Double> = Named()
    @Param("A pebble.", from: .ours) var peer: Ref<Pebble>? = nil
    @Param("A function.", from: .ours) var step: Ref<any ScriptFunction>? = nil
    @Param("Anything.", from: .ours) var anything: OptionValue = .null

    init() {}

    var scriptPropertyNames: [String] { parameters.map(\.name) }

    func scriptProperty(_ name: String) -> OptionValue? {
        switch name {
        case "anything": anything
        case "peer": peer.map { .object($0.object) } ?? .null
        case "step": step.map { .object($0.object) } ?? .null
        default: parameters.first { $0.name == name }.flatMap { $0.param.currentText.map(OptionValue.string) }
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
    @Param("The function.") var f: Ref<any ScriptFunction>
    func construct() throws -> Any { try f.object.call([]) }
}

@section("dubkit_plugins") @used private let caller: PluginEntry = { registerPlugin(Caller.self) }

/// A function directly under `kit`, whose options hold a required one.
struct Greet: Function {
    static let name = "greet"
    static let summary = "Greets."
    static let source = "These tests."
    @Param("Who is greeted.") var name: String
    func construct() throws -> Any {
        if name == "nobody" { throw KitError(.noInput, "there is nobody") }
        return "hello \(name)"
    }
}

@section("dubkit_plugins") @used private let greet: PluginEntry = { registerPlugin(Greet.self) }
