import Kit
import TestSupport
import Testing

/// Tensors as recipes use them, below the Lua binding: methods and operators by name.
@Suite struct TensorScriptTests {
    private func call(_ tensor: Tensor, _ name: String, _ arguments: OptionValue...) throws -> OptionValue {
        let method = try #require(Tensor.scriptMethods.first { $0.name == name }, "no method '\(name)'")
        return try method.call(tensor, method.isOperator ? [.object(tensor)] + arguments : arguments)
    }

    private func tensor(_ value: OptionValue) throws -> Tensor { try ObjectOption<Tensor>(option: value).object }

    private func list(_ values: Int...) -> OptionValue { .list(values.map(OptionValue.int)) }

    private let x = Tensor([1, 2, 3, 4, 5, 6], [2, 3])

    @Test func operatorsTakeNumbersOnEitherSide() throws {
        func apply(_ name: String, _ left: OptionValue, _ right: OptionValue) throws -> [Float] {
            let method = try #require(Tensor.scriptMethods.first { $0.name == name })
            return try tensor(method.call((), [left, right])).values
        }
        let two = OptionValue.object(Tensor([2, 4], [2]))
        #expect(try apply("__add", two, .int(1)) == [3, 5])
        #expect(try apply("__add", .number(0.5), two) == [2.5, 4.5])
        #expect(try apply("__sub", .int(1), two) == [-1, -3])
        #expect(try apply("__mul", two, two) == [4, 16])
        #expect(try apply("__div", .int(8), two) == [4, 2])
        #expect(try apply("__div", two, .int(8)) == [0.25, 0.5])
        #expect(try apply("__pow", two, .int(2)) == [4, 16])
        #expect(try apply("__pow", .int(2), two) == [4, 16])
        #expect(try tensor(call(x, "__unm")).values == [-1, -2, -3, -4, -5, -6])
        let error = #expect(throws: KitError.self) { try apply("__add", two, .string("a")) }
        #expect(error?.message == "+: needs a tensor or a number, but was given string \"a\"")
    }

    @Test func axesAndIndicesCountFromOne() throws {
        #expect(try tensor(call(x, "sum", .int(1))).values == [5, 7, 9])
        #expect(try tensor(call(x, "sum", .int(-1))).values == [6, 15])
        #expect(try tensor(call(x, "mean", list(1, 2), .bool(true))).shape == [1, 1])
        #expect(try tensor(call(x, "max")).item() == 6)
        #expect(try tensor(call(x, "select", .int(2), .int(1))).values == [1, 4])
        #expect(try tensor(call(x, "slice", .int(2), .int(2), .int(3))).values == [2, 3, 5, 6])
        #expect(try tensor(call(x, "slice", .int(2), .int(-1))).values == [3, 6])
        #expect(try tensor(call(x, "gather", list(2, 2))).values == [4, 5, 6, 4, 5, 6])
        #expect(try tensor(call(x, "pick", list(3, 1))).values == [3, 4])
        #expect(try tensor(call(x, "permute", list(2, 1))).values == [1, 4, 2, 5, 3, 6])
        #expect(try tensor(call(x, "transpose")).shape == [3, 2])
        #expect(try tensor(call(x, "reshape", list(3, -1))).shape == [3, 2])
        #expect(try tensor(call(x, "softmax", .int(1))).shape == [2, 3])
        #expect(try tensor(call(x, "logsumexp", .int(1))).shape == [3])
    }

    @Test func partsAndTokens() throws {
        guard case .object(let object) = try call(x, "split", .int(2), list(1, 2)),
            let parts = object as? ReturnedValues
        else {
            Issue.record("split gave one result")
            return
        }
        #expect(try parts.values.map { try tensor($0).values } == [[1, 4], [2, 3, 5, 6]])
        let error = #expect(throws: KitError.self) { try call(x, "split", .int(2), list(1, 1)) }
        #expect(
            error?.message == "split: [1, 1] do not add up to the second axis of shape [2, 3]",
            "\(error?.message ?? "")")
        let tokens = try x.reshaped([2, 3, 1])
        let places = OptionValue.list([list(3, 1), list(2, 2)])
        #expect(try tensor(call(tokens, "gather_tokens", places)).values == [3, 1, 5, 5])
        let few = OptionValue.list([list(4, 1, 2), list(1, 2, 3)])
        #expect(
            try tensor(call(tokens, "scatter_tokens", few, .int(4), .number(0.5))).values == [
                2, 3, 0.5, 1, 4, 5, 6, 0.5,
            ])
        let outside = #expect(throws: KitError.self) { try call(tokens, "gather_tokens", .list([list(0), list(1)])) }
        #expect(outside?.message == "gather tokens: place 0 is outside the 3 tokens of a sample")
        let image = try Tensor(Array(1...8).map(Float.init), [1, 2, 4, 1])
        let patches = try tensor(call(image, "patches", list(2, 2)))
        #expect(patches.shape == [1, 2, 4] && patches.values == [1, 2, 5, 6, 3, 4, 7, 8])
    }

    @Test func aTensorIsAListOfItsParts() throws {
        #expect(try tensor(call(x, "__index", .int(2))).values == tensor(call(x, "select", .int(1), .int(2))).values)
        #expect(try tensor(call(x, "__index", .int(-1))).values == tensor(call(x, "select", .int(1), .int(2))).values)
        // Where ipairs ends.
        guard case .null = try call(x, "__index", .int(3)) else {
            Issue.record("an index behind the last gave a value")
            return
        }
    }

    @Test func errorsSpeakTheRecipesNumbers() throws {
        for axis in [0, 3, -3] {
            let error = #expect(throws: KitError.self) { try call(x, "sum", .int(axis)) }
            #expect(
                error?.message
                    == "sum: axis \(axis) does not exist in a tensor of shape [2, 3]; axes count from 1, -1 is the last"
            )
        }
        let beyond = #expect(throws: KitError.self) { try call(x, "__index", .int(4)) }
        #expect(beyond?.message.hasPrefix("index: index 4 is outside axis 1 of shape [2, 3]") == true)
        let index = #expect(throws: KitError.self) { try call(x, "select", .int(2), .int(4)) }
        #expect(index?.message.hasPrefix("select: index 4 is outside axis 2 of shape [2, 3]") == true)
        #expect(throws: KitError.usage("slice: the first index 3 is after the last one 2")) {
            try call(x, "slice", .int(2), .int(3), .int(2))
        }
        let extra = #expect(throws: KitError.self) { try call(x, "exp", .int(1)) }
        #expect(extra?.message == "exp: takes no arguments, but was given 1 argument")
        let wrong = #expect(throws: KitError.self) { try call(x, "reshape", .string("a")) }
        #expect(wrong?.message == "reshape: argument 'shape' must be a list of integers, but is string \"a\"")
    }

    @Test func gradientsFlow() throws {
        _ = try call(x, "requires_grad")
        let square = try tensor(call(x, "__mul", .object(x)))
        _ = try call(tensor(call(square, "sum")), "backward")
        guard case .object(let gradient as Tensor) = try #require(x.scriptProperty("grad")) else {
            Issue.record("no gradient")
            return
        }
        #expect(gradient.values == [2, 4, 6, 8, 10, 12])
        #expect(!(try tensor(call(square, "detach")).needsGrad))
        #expect(x.scriptProperty("gard") == nil)
    }

    @Test func nestedListsGoInAndOut() throws {
        let rows = OptionValue.list([list(1, 2, 3), list(4, 5, 6)])
        let made = try Tensor(nested: rows)
        #expect(made.shape == [2, 3] && made.values == x.values)
        #expect(try Tensor(nested: made.nestedValues()).values == x.values)
        #expect(try Tensor(nested: .number(0.5)).shape == [])
        #expect(try Tensor(nested: .list([])).shape == [0])
        #expect(try Tensor(nested: .list([.list([]), .list([])])).shape == [2, 0])
        guard case .list(let outer) = try call(x, "shape") else { return }
        #expect(try outer.map { try Int(option: $0) } == [2, 3])
    }

    @Test(arguments: [
        (
            OptionValue.list([.list([.int(1), .int(2)]), .list([.int(3)])]),
            "expected a list of 2, as before it, but found a list of 1 at [2]"
        ),
        (.list([.list([.int(1)]), .int(3)]), "expected a list of 1, but found a number at [2]"),
        (.list([.int(1), .list([.int(3)])]), "expected a number, as before it, but found a list of 1 at [2]"),
        (.list([.list([.int(1), .bool(true)])]), "but found boolean true at [1, 2]"),
        (.string("a"), "but found string \"a\""),
    ])
    func listsOfAnotherFormAreRefused(value: OptionValue, message: String) {
        let error = #expect(throws: KitError.self) { try Tensor(nested: value) }
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test func everyMethodIsDocumented() {
        for method in Tensor.scriptMethods { #expect(method.summary.hasSuffix("."), "\(method.name)") }
        #expect(Set(Tensor.scriptMethods.map(\.name)).count == Tensor.scriptMethods.count)
    }

    @Test func namesOfOtherLibrariesAreAnsweredWithOnesThatThereAre() {
        let known = Set(Tensor.scriptMethods.map(\.name))
        #expect(Tensor.scriptForeignNames["size"] == "x:shape()")
        for (foreign, own) in Tensor.scriptForeignNames {
            #expect(!known.contains(foreign), "\(foreign)")
            for call in own.matches(of: #/:(\w+)/#) { #expect(known.contains(String(call.1)), "\(own)") }
        }
    }
}
