import KitCore
import Testing

@Suite struct ScriptMethodTests {
    private final class Counter: ScriptObject {
        static let scriptTypeName = "counter"
        static let scriptSummary = "Counts."
        var count = 0
        var last: Counter?

        static var scriptFields: [ScriptField] {
            [
                ScriptField("count", on: Counter.self, Int.self) { $0.count },
                ScriptField("last", on: Counter.self, Counter?.self) { $0.last },
                ScriptField("first", on: Counter.self, Int.self) { $0.count > 0 ? 1 : nil },
            ]
        }
        static var scriptMethods: [ScriptMethod] {
            [
                ScriptMethod(
                    "add", on: Counter.self, "Adds.", ScriptArgument("amount", Either<Int, [Int]>.self),
                    ScriptArgument("times", Int.self, default: 1), ScriptArgument("from", Counter?.self),
                    returns: Int.self
                ) { counter, amount, times, other in
                    let sum =
                        switch amount {
                        case .first(let one): one
                        case .second(let several): several.reduce(0, +)
                        }
                    counter.count += sum * times + (other?.count ?? 0)
                    return counter.count
                },
                ScriptMethod(
                    "join", on: Counter.self, "Adds up.", ScriptArgument(rest: "others", Counter.self),
                    returns: [Counter].self
                ) { [$0] + $1 },
                ScriptMethod("reset", on: Counter.self, "Back to 0.") { $0.count = 0 },
            ]
        }
    }

    private func method(_ name: String) throws -> ScriptMethod {
        try #require(Counter.scriptMethods.first { $0.name == name })
    }

    private func message(_ name: String, _ arguments: [OptionValue]) throws -> String? {
        let method = try method(name)
        return #expect(throws: KitError.self) { try method.call(Counter(), arguments) }?.message
    }

    @Test func argumentsAreConvertedInOrder() throws {
        let (counter, other) = (Counter(), Counter())
        other.count = 100
        let add = try method("add")
        #expect(try Int(option: add.call(counter, [.int(2)])) == 2)
        #expect(try Int(option: add.call(counter, [.list([.int(1), .int(3)]), .int(2)])) == 10)
        #expect(try Int(option: add.call(counter, [.int(1), .null, .object(other)])) == 111)
        #expect(try [Counter](option: method("join").call(counter, [.object(other)])).map(\.count) == [111, 100])
        let nothing = try method("reset").call(counter, [])
        guard case .object(let values as ReturnedValues) = nothing else {
            Issue.record("\(nothing)")
            return
        }
        #expect(values.values.isEmpty && counter.count == 0)
    }

    @Test func wrongArgumentsAreNamed() throws {
        #expect(
            try message("add", [])
                == "add: the first argument, 'amount', is missing: it takes (amount, [times], [from])")
        #expect(
            try message("add", [.null]) == "add: argument 'amount' must be an integer or list of integers, but is nil")
        #expect(
            try message("add", [.list([.int(1), .bool(true)])])
                == "add: argument 'amount'[2] must be an integer, but is boolean true")
        #expect(
            try message("add", [.int(1), .number(0.5)])
                == "add: argument 'times' must be an integer, but is number 0.5")
        #expect(
            try message("join", [.object(Counter()), .int(1)])
                == "join: argument 'others'[2] must be a counter, but is integer 1")
        #expect(
            try message("add", [.null, .null, .null, .null])
                == "add: takes (amount, [times], [from]), but was given 4 arguments")
        let reset = try method("reset")
        #expect(throws: KitError.self) { try reset.call(3, []) }
    }

    @Test func helpFollowsFromTheTypes() throws {
        #expect(
            PluginHelp.markdown(for: Counter.self).hasSuffix(
                """
                | `.count` | | integer | |
                | `.last` | | counter or nil | |
                | `.first` | | integer | |
                | `:add(amount, [times], [from])` | `amount`: integer or list of integers; `times`: integer, default 1; `from`: counter, optional | integer | Adds. |
                | `:join([others])` | `others`: counter, any number of them | list of counters | Adds up. |
                | `:reset()` |  | nothing | Back to 0. |

                """))
    }

    @Test func fieldsThatAnObjectLacksAreAbsent() {
        let counter = Counter()
        #expect(counter.scriptPropertyNames == ["count", "last"])
        #expect(counter.scriptProperty("first") == nil && counter.scriptProperty("conut") == nil)
        guard case .null? = counter.scriptProperty("last") else {
            Issue.record("a field that is nil has a value")
            return
        }
        counter.count = 3
        #expect(counter.scriptPropertyNames == ["count", "last", "first"])
    }
}
