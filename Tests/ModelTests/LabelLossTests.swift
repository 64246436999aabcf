import Foundation
import Kit
import Plugins
import TestSupport
import Testing

/// The losses with labels against PyTorch's, values and gradients: Tests/Oracle/label_losses.py.
@Suite struct LabelLossTests {
    private func make(_ name: String, _ options: [(key: String, value: OptionValue)] = []) throws -> any LabelLoss {
        let plugin = try PluginRegistry.shared.make(kind: "loss", name: name, options: Options(named: options))
        return try #require(plugin as? any LabelLoss)
    }

    /// As a recipe calls it.
    private func call(_ loss: any LabelLoss, _ arguments: [OptionValue]) throws -> Tensor {
        let method = try #require(type(of: loss).scriptMethods.first { $0.name == "__call" })
        return try ObjectOption<Tensor>(option: method.call(loss, arguments)).object
    }

    /// Options of a case that are lists of numbers; empty ones are left out.
    private func lists(_ each: OracleCase, _ names: String...) throws -> [(key: String, value: OptionValue)] {
        try names.compactMap { name in
            let values = try each.numbers(name)
            return values.isEmpty ? nil : (name, values.optionValue)
        }
    }

    @Test func crossEntropyEqualsPyTorchs() throws {
        try Oracle("label_losses").check("cross_entropy") { each in
            let smoothing = ("label_smoothing", OptionValue.number(try each.number("label_smoothing")))
            let loss = try make("cross_entropy", [smoothing] + lists(each, "class_weights"))
            return try call(loss, [.object(each["scores"]), .list(each.ints("labels").map { .int($0 + 1) })])
        }
    }

    @Test func crossEntropyOfSharesEqualsPyTorchs() throws {
        try Oracle("label_losses").check("cross_entropy_shares") { each in
            let smoothing = ("label_smoothing", OptionValue.number(try each.number("label_smoothing")))
            let loss = try make("cross_entropy", [smoothing] + lists(each, "class_weights"))
            let shares = try each["shares"] / each["shares"].sum([1], keepDims: true)
            return try call(loss, [.object(each["scores"]), .object(shares)])
        }
    }

    @Test func binaryCrossEntropyEqualsPyTorchs() throws {
        try Oracle("label_losses").check("binary_cross_entropy") { each in
            let loss = try make("binary_cross_entropy", lists(each, "positive_weight", "class_weights"))
            return try call(loss, [.object(each["scores"]), .object(each["targets"])])
        }
    }

    /// Among them rows without symbols, and rows with too few frames, which PyTorch's zero_infinity ignores.
    @Test func ctcEqualsPyTorchs() throws {
        try Oracle("label_losses").check("ctc") { each in
            let blank = try each.int("blank")
            let loss = try make(
                "ctc",
                [("blank", .int(blank + 1)), ("impossible", .string("zero")), ("empty", .string("allow"))])
            let rows = try (0..<each["scores"].shape[0]).map { row in
                OptionValue.list(try each.ints("row\(row)").map { .int($0 + 1) })
            }
            return try call(loss, [.object(each["scores"]), .list(rows), each.ints("frames").optionValue])
        }
    }

    /// Frames after a row's last have no influence, and a batch is the mean of its rows.
    @Test func rowsOfABatchAreApart() throws {
        let loss = try make("ctc")
        let scores = Pattern.tensor("ctc rows", [3, 9, 5], -3, 3)
        let rows: [[Int]] = [[2, 2, 3], [5], [4, 3, 2, 5]]
        let frames = [6, 9, 5]
        func labels(_ rows: [[Int]]) -> OptionValue { .list(rows.map(\.optionValue)) }
        let whole = try call(loss, [.object(scores), labels(rows), frames.optionValue]).item()
        let alone = try (0..<3).map { row in
            let part = try scores.slice(axis: 0, row..<row + 1).slice(axis: 1, 0..<frames[row])
            return try call(loss, [.object(part), labels([rows[row]])]).item()
        }
        #expect(abs(whole - alone.reduce(0, +) / 3) < 1e-5)
    }

    /// All alignments, counted one by one.
    @Test func ctcIsTheSumOverAlignments() throws {
        let (time, classes, symbols) = (5, 3, [1, 1])
        let scores = Pattern.tensor("alignments", [1, time, classes], -2, 2)
        let shares = try scores.softmax().values.map(Double.init)
        var total = 0.0
        for number in 0..<Int(pow(3.0, 5)) {
            let path = (0..<time).map { number / Int(pow(3.0, Double($0))) % 3 }
            let spelled = path.enumerated().filter { $0 == 0 || path[$0 - 1] != $1 }.map(\.element).filter { $0 != 0 }
            if spelled == symbols { total += path.enumerated().reduce(1) { $0 * shares[$1.offset * 3 + $1.element] } }
        }
        let value = try scores.ctc([symbols], frames: [time], blank: 0).item()
        #expect(abs(Double(value) + log(total)) < 1e-5)
    }

    @Test func longRowsNeitherOverflowNorUnderflow() throws {
        let scores = Pattern.tensor("long", [1, 3000, 40], -60, 60)
        scores.requiresGrad = true
        let symbols = (0..<900).map { 1 + $0 * 7 % 39 }
        let value = try scores.ctc([symbols], frames: [3000], blank: 0)
        try value.backward(from: Tensor.ones([1]))
        let gradient = try #require(scores.grad).values
        let isFinite = gradient.allSatisfy { $0.isFinite }
        #expect(value.values[0].isFinite && value.values[0] > 0 && isFinite && gradient.contains { $0 != 0 })
        // The gradients of a frame sum to 0, as those of a softmax do.
        #expect(abs(gradient[0..<40].reduce(0, +)) < 1e-4)
    }

    @Test func greedyDecodingDropsRepeatsAndBlanks() throws {
        let path = [0, 2, 2, 0, 2, 1, 1, 3, 0]
        let scores = Tensor.zeros([1, 9, 4])
        for (frame, label) in path.enumerated() { scores.pointer[frame * 4 + label] = 1 }
        #expect(try scores.ctcGreedy(blank: 0) == [[2, 2, 1, 3]])
        #expect(try scores.ctcGreedy(frames: [5], blank: 0) == [[2, 2]])
        #expect(try scores.ctcGreedy(blank: 2) == [[0, 0, 1, 3, 0]])
    }

    @Test func badInputIsNamed() throws {
        let scores = OptionValue.object(Pattern.tensor("bad", [2, 3]))
        let frames = OptionValue.object(Pattern.tensor("bad frames", [2, 4, 3]))
        func ints(_ rows: [Int]...) -> OptionValue { .list(rows.map(\.optionValue)) }
        let cases: [(String, [(key: String, value: OptionValue)], [OptionValue], String)] = [
            (
                "cross_entropy", [], [scores, [1, 4].optionValue],
                "the label of row 2 must be a class from 1 to 3, but is integer 4"
            ),
            ("cross_entropy", [], [scores, [0, 1].optionValue], "the label of row 1 must be a class from 1 to 3"),
            ("cross_entropy", [], [scores], "the second argument, 'labels', is missing: it takes (scores, labels)"),
            ("cross_entropy", [], [scores, [1].optionValue], "expected 2 labels, one for each row of scores, given 1"),
            ("cross_entropy", [], [scores, .string("x")], "labels must be a list with one for each row"),
            ("cross_entropy", [], [frames, [1, 2].optionValue], "expected scores [batch, classes], given [2, 4, 3]"),
            ("cross_entropy", [], [.object(Tensor.zeros([2, 0])), [1, 1].optionValue], "the scores have no classes"),
            ("cross_entropy", [], [.object(Tensor.zeros([0, 3])), .list([])], "there are no rows"),
            (
                "cross_entropy", [("class_weights", [1.0, 2.0].optionValue)], [scores, [1, 2].optionValue],
                "option 'class_weights' has 2 numbers, but the scores have 3 classes"
            ),
            (
                "cross_entropy", [("class_weights", [0.0, 1.0, 1.0].optionValue)], [scores, [1, 1].optionValue],
                "all rows have classes whose weight is 0"
            ),
            (
                "cross_entropy", [], [scores, .list([[1.0, 1.0, 0.0].optionValue, [1.0, 0.0, 0.0].optionValue])],
                "for several classes in a row, use binary_cross_entropy"
            ),
            (
                "binary_cross_entropy", [], [scores, ints([1, 0, 1], [0, 2, 0])],
                "targets must be 0 to 1, but row 2 has 2"
            ),
            ("binary_cross_entropy", [], [scores, ints([1, 0], [0, 1])], "must be a list of 3 numbers from 0 to 1"),
            (
                "binary_cross_entropy", [("positive_weight", [1.0, 2.0].optionValue)],
                [scores, ints([1, 0, 1], [0, 1, 0])],
                "option 'positive_weight' has 2 numbers, but the scores have 3 classes"
            ),
            ("ctc", [], [frames, ints([2], [2, 3, 2, 3, 2])], "row 2 has 5 symbols, which need 5 frames, but has 4"),
            ("ctc", [], [frames, ints([2], [2, 2, 3])], ""),
            (
                "ctc", [], [frames, ints([2], [2, 2, 2])],
                "row 2 has 3 symbols with 2 repeats, which need 5 frames, but has 4"
            ),
            ("ctc", [], [frames, ints([], [2])], "row 1 has an empty transcript"),
            ("ctc", [], [frames, ints([1], [2])], "the label of row 1 contains 1, which is the blank"),
            ("ctc", [], [frames, ints([2], [4])], "the label of row 2 must be a class from 1 to 3"),
            (
                "ctc", [("blank", .int(9))], [frames, ints([2], [2])],
                "option 'blank' is 9, but the scores have 3 classes"
            ),
            (
                "ctc", [], [frames, ints([2], [2]), [4, 5].optionValue], "row 2 must have 0 to 4 frames, but is given 5"
            ),
            (
                "ctc", [], [frames, ints([2], [2]), [4].optionValue],
                "expected 2 numbers of frames, one for each row, given 1"
            ),
            ("ctc", [], [scores, ints([2], [2])], "expected scores [batch, time, classes], given [2, 3]"),
        ]
        for (name, options, arguments, words) in cases {
            let loss = try make(name, options)
            guard !words.isEmpty else {
                #expect(try call(loss, arguments).item().isFinite)
                continue
            }
            let error = #expect(throws: KitError.self, "\(name): \(words)") { try call(loss, arguments) }
            #expect(error?.kind == .usage && error?.message.contains(words) == true, "\(error?.message ?? "")")
        }
        for (name, options, words) in [
            ("cross_entropy", [("class_weights", [-1.0, 1.0].optionValue)], "numbers of 0 or more, but one is -1"),
            ("binary_cross_entropy", [("positive_weight", OptionValue.number(0))], "must have a number above 0"),
            ("ctc", [("zero_infinity", OptionValue.bool(true))], "did you mean 'impossible'?"),
            ("binary_cross_entropy", [("pos_weight", OptionValue.number(2))], "did you mean 'positive_weight'?"),
        ] as [(String, [(key: String, value: OptionValue)], String)] {
            let error = #expect(throws: KitError.self) { try make(name, options) }
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        }
    }
}
