import KitCore
import Testing

private enum Mode: String, CaseIterable, ChoiceOption { case fast, exact }

private final class Thing {}

private struct Sample: Plugin {
    static let kind = "sample"
    static let name = "sample"
    static let summary = "For tests."
    static let reference = "Here."

    @Param("Divides.", in: 0.001...100, from: .inferred) var temperature: Double = 0.1
    @Param("How many.", in: 1...8, from: .ours) var batchSize: Int = 4
    @Param("Which way.", from: .ours) var mode: Mode = .fast
    @Param("A name, or none.", from: .ours) var label: String? = nil
    @Param("Sizes.", from: .ours, positional: true) var sizes: [Int] = []
    @Param("By name.", from: .ours) var weights: NamedOption<Double> = NamedOption()
    @Param("On or off.", from: .ours) var isOn: Bool = false
    @Param("Where from.") var path: String

    func validate() throws {
        if batchSize == 7 { throw KitError.usage("seven is not allowed") }
    }
}

private struct Plain: Plugin {
    static let kind = "sample"
    static let name = "plain"
    static let summary = "For tests."
    static let reference = "Here."
}

/// Claims the name of another.
private struct Impostor: Plugin {
    static let kind = "sample"
    static let name = "plain"
    static let summary = "For tests."
    static let reference = "Here."
}

@Suite struct PluginOptionsTests {
    private let registry = PluginRegistry([Sample.self, Plain.self])

    private func make(_ options: [(String, OptionValue)], list: [OptionValue] = []) throws -> Sample {
        let named = options.map { (key: $0.0, value: $0.1) }
        return try #require(
            registry.make(kind: "sample", name: "sample", options: Options(named: named, list: list)) as? Sample)
    }

    private func message(_ options: [(String, OptionValue)], list: [OptionValue] = []) -> String {
        do {
            _ = try make(
                [("path", .string("x"))].filter { path in !options.contains { $0.0 == path.0 } } + options, list: list)
            return "no error"
        } catch let error as KitError { return error.message } catch { return "\(error)" }
    }

    @Test func valuesAreConvertedAndDefaultsStay() throws {
        let plugin = try make(
            [
                ("path", .string("films")), ("temperature", .int(2)), ("batch_size", .number(5)),
                ("mode", .string("exact")), ("label", .string("a")), ("is_on", .bool(true)),
                ("weights", .table(Options(named: [("b", .int(2)), ("a", .number(0.5))]))),
            ], list: [.int(3), .int(4)])
        #expect(plugin.temperature == 2 && plugin.batchSize == 5 && plugin.mode == .exact && plugin.label == "a")
        #expect(plugin.sizes == [3, 4] && plugin.isOn && plugin.path == "films")
        #expect(plugin.weights.entries.map(\.name) == ["a", "b"] && plugin.weights.entries.map(\.value) == [0.5, 2])
        let other = try make([("path", .string("films"))])
        #expect(other.temperature == 0.1 && other.batchSize == 4 && other.label == nil && !other.isOn)
    }

    @Test func unknownKeysNameTheNearest() {
        #expect(
            message([("temprature", .number(1))]).hasPrefix(
                "kit.sample.sample: unknown option 'temprature': did you mean 'temperature'? (it takes: temperature, "))
        #expect(message([("zzz", .int(1))]).hasPrefix("kit.sample.sample: unknown option 'zzz' (it takes: "))
        let error = #expect(throws: KitError.self) {
            try registry.make(kind: "sample", name: "plain", options: Options(named: [("a", .int(1))]))
        }
        #expect(error?.message == "kit.sample.plain: unknown option 'a' (it takes no options)")
    }

    @Test(arguments: [
        ("temperature", OptionValue.string("hot"), "'temperature' must be a number, but is string \"hot\""),
        ("temperature", .number(.nan), "'temperature' must be a number, but is NaN (not a number)"),
        ("temperature", .int(1000), "'temperature' must be 0.001 to 100.0, but is integer 1000"),
        ("batch_size", .number(2.5), "'batch_size' must be an integer, but is number 2.5"),
        ("batch_size", .number(1e300), "'batch_size' must be an integer, but is number 1e+300"),
        ("batch_size", .int(0), "'batch_size' must be 1 to 8, but is integer 0"),
        ("mode", .string("slow"), "'mode' must be one of fast, exact, but is string \"slow\""),
        ("sizes", .list([.int(1), .bool(true)]), "'sizes'[2] must be an integer, but is boolean true"),
        ("sizes", .int(1), "'sizes' must be a list of integers, but is integer 1"),
        ("mode", .string("fats"), "'mode' must be one of fast, exact, but is string \"fats\": did you mean 'fast'?"),
        (
            "weights", .table(Options(named: [("a", .int(1)), ("b", .string("x"))])),
            "'weights'.b must be a number, but is string \"x\""
        ),
        ("is_on", .int(1), "'is_on' must be true or false, but is integer 1"),
        ("weights", .list([.int(1)]), "'weights' must be a table of named numbers, but is a list of 1"),
        ("path", .null, "'path' must be a string, but is nil"),
    ])
    func wrongValuesSayWhatIsExpected(key: String, value: OptionValue, expected: String) {
        #expect(message([(key, value)]) == "kit.sample.sample: option \(expected)")
    }

    @Test func missingRequiredOptionsAreNamed() {
        let error = #expect(throws: KitError.self) { try make([]) }
        #expect(error?.message == "kit.sample.sample: option 'path' (string) is required: Where from.")
    }

    @Test func listsNeedAPositionalParameter() {
        let error = #expect(throws: KitError.self) {
            try registry.make(kind: "sample", name: "plain", options: Options(list: [.int(1)]))
        }
        #expect(
            error?.message
                == "kit.sample.plain: takes named options only, but was given a list of 1 (it takes no options)")
    }

    @Test func validationErrorsCarryThePluginsName() {
        #expect(message([("batch_size", .int(7))]) == "kit.sample.sample: seven is not allowed")
    }

    @Test func unknownPluginsNameTheNearest() {
        let name = #expect(throws: KitError.self) { try registry.find(kind: "sample", name: "smaple") }
        #expect(name?.message == "unknown sample 'smaple': did you mean 'sample'? (there are: plain, sample)")
        let kind = #expect(throws: KitError.self) { try registry.find(kind: "simple", name: "plain") }
        #expect(kind?.message == "unknown kind 'simple': did you mean 'sample'? (there are: sample)")
    }

    @Test func partsAreNamedHoweverDeepTheyLie() {
        let value = OptionValue.table(
            Options(named: [("a", .list([.list([.int(1)]), .list([.int(2), .bool(true)])]))]))
        let mismatch = #expect(throws: OptionMismatch.self) { try NamedOption<[[Int]]>(option: value) }
        #expect(mismatch?.message("option 'x'", value) == "option 'x'.a[2][2] must be an integer, but is boolean true")
        let several = OptionValue.list([.object(Plain()), .object(Thing())])
        let wrong = #expect(throws: OptionMismatch.self) { try OneOrMore<ObjectOption<Thing>>(option: several) }
        #expect(wrong?.message("option 'x'", several) == "option 'x'[1] must be a thing, but is Plain")
    }

    @Test func instancesDoNotShareValues() throws {
        let (a, b) = (try make([("path", .string("a"))]), try make([("path", .string("b"))]))
        #expect(a.path == "a" && b.path == "b")
    }

    @Test func objectsAreCheckedByType() throws {
        #expect(throws: OptionMismatch.self) { try ObjectOption<Thing>(option: .object(Mode.fast)) }
        #expect(throws: OptionMismatch.self) { try ObjectOption<Thing>(option: .int(1)) }
        let thing = Thing()
        #expect(try ObjectOption<Thing>(option: .object(thing)).object === thing)
    }

    @Test func twoPluginsOfOneNameAreAnErrorThatNamesBoth() throws {
        let registry = PluginRegistry([Sample.self, Plain.self, Impostor.self, Sample.self])
        let error = #expect(throws: KitError.self) {
            try registry.make(kind: "sample", name: "plain", options: Options())
        }
        #expect(error?.kind == .configuration)
        let message = error?.message ?? ""
        #expect(message.hasPrefix("two plugins are called kit.sample.plain: "), "\(message)")
        #expect(message.contains("Plain") && message.contains("Impostor"), "\(message)")
        #expect(try registry.find(kind: "sample", name: "sample").type == Sample.self)
    }
}
