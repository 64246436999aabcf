import Kit
import TestSupport
import Testing

/// Ops in bfloat16 against the same ops in float32 on factors that are rounded before, with each instruction set.
@Suite(.serialized, .alone("the instruction set")) struct ProductPrecisionTests {
    /// Windows, strides, groups, few and many rows, with and without a bias.
    private static let convolutions: [(input: [Int], weight: [Int], stride: [Int], padding: [Int], groups: Int)] = [
        ([2, 5, 9, 9, 6], [10, 1, 1, 1, 6], [1, 1, 1], [0, 0, 0], 1),
        ([2, 4, 9, 8, 5], [7, 3, 3, 3, 5], [1, 1, 1], [1, 1, 1], 1),
        ([1, 4, 9, 8, 5], [7, 1, 3, 3, 5], [1, 2, 2], [0, 1, 1], 1),
        ([2, 3, 6, 6, 8], [12, 3, 1, 1, 4], [1, 1, 1], [1, 0, 0], 2),
        ([1, 1, 2, 2, 33], [70, 1, 3, 3, 33], [1, 1, 1], [0, 1, 1], 1),
        // More inputs, outputs, taps and positions than a tile unit takes at a time.
        ([2, 1, 16, 18, 540], [70, 1, 1, 1, 540], [1, 1, 1], [0, 0, 0], 1),
        ([1, 1, 16, 18, 540], [40, 1, 1, 1, 540], [1, 2, 2], [0, 0, 0], 1),
        ([1, 1, 16, 18, 200], [20, 1, 3, 3, 200], [1, 1, 1], [0, 1, 1], 1),
    ]

    @Test(arguments: convolutions.indices) func convolutionsMultiplyRoundedFactors(_ index: Int) throws {
        let (input, weight, stride, padding, groups) = Self.convolutions[index]
        for hasBias in [false, true] {
            try check([("x", input), ("w", weight)] + (hasBias ? [("b", [weight[0]])] : [])) {
                let y = try $0[0].conv3d(
                    weight: $0[1], bias: hasBias ? $0[2] : nil, stride: stride, padding: padding, groups: groups)
                #expect(y.isNarrow == (ProductPrecision.current == .bfloat16))
                return y
            }
        }
    }

    @Test(arguments: [(3, 40, 70), (300, 33, 20), (1, 5, 9)]) func linearLayersMultiplyRoundedFactors(
        _ rows: Int, _ inputs: Int, _ outputs: Int
    ) throws {
        try check([("x", [rows, inputs]), ("w", [outputs, inputs]), ("b", [outputs])]) {
            try $0[0].linear($0[1], $0[2])
        }
    }

    /// A recurrence rounds its own states, so only the size of the difference is known.
    @Test func recurrencesDifferByTheRoundingOfTheirFactors() throws {
        func result(_ precision: ProductPrecision) throws -> [Tensor] {
            let (gates, weight) = (Pattern.tensor("g", [4, 9, 64]), Pattern.tensor("w", [64, 16]))
            gates.requiresGrad = true
            weight.requiresGrad = true
            return try precision.used {
                let states = try gates.lstm(weight)
                try states.squared().sum().backward()
                return [states, gates.grad!, weight.grad!]
            }
        }
        for (narrow, wide) in zip(try result(.bfloat16), try result(.float32)) {
            let difference = relativeError(narrow, wide)
            #expect(difference > 1e-5 && difference < 0.02)
        }
    }

    @Test func productsOfTensorsAndLossesStayFloat32() throws {
        let (a, b) = (Pattern.tensor("a", [5, 40]), Pattern.tensor("b", [40, 7]))
        #expect(try ProductPrecision.bfloat16.used { try a.matmul(b) }.values == a.matmul(b).values)
        let (x, y) = (Pattern.tensor("x", [6, 24]), Pattern.tensor("y", [6, 24]))
        func loss() throws -> Tensor {
            try x.ntXent(with: y, temperature: 0.1, candidates: .bothViews, bothAnchors: true)
        }
        #expect(try ProductPrecision.bfloat16.used(during: loss).values == loss().values)
    }

    @Test func bitsDoNotDependOnTheNumberOfThreads() throws {
        let (x, w) = (Pattern.tensor("x", [3, 4, 20, 20, 24]), Pattern.tensor("w", [40, 1, 3, 3, 24]))
        func result() throws -> [[Float]] {
            w.grad = nil
            w.requiresGrad = true
            return try ProductPrecision.bfloat16.used {
                let y = try x.conv3d(weight: w, padding: [0, 1, 1])
                try y.squared().sum().backward()
                return [y.values, w.grad!.values]
            }
        }
        #expect(try ThreadPool.serially { try result() } == result())
    }

    /// What a convolution in bfloat16 returned may go into one in float32, whose gradient is then bfloat16.
    @Test func convolutionsInFloat32TakeTensorsInBFloat16() throws {
        let (x, first, second) = (
            Pattern.tensor("x", [2, 1, 6, 5, 8]), Pattern.tensor("first", [12, 1, 1, 1, 8]),
            Pattern.tensor("second", [9, 1, 3, 3, 12])
        )
        let narrow = try ProductPrecision.bfloat16.used { try x.conv3d(weight: first) }
        #expect(narrow.isNarrow)
        func results(_ input: Tensor) throws -> [Tensor] {
            let (input, weight) = (input.detached(), second.copied())
            for tensor in [input, weight] { tensor.requiresGrad = true }
            let y = try input.conv3d(weight: weight, padding: [0, 1, 1])
            try y.squared().sum().backward()
            return [y, weight.grad!, input.grad!]
        }
        for (given, expected) in zip(try results(narrow), try results(Tensor(narrow.values, narrow.shape))) {
            // A unit in the last place of bfloat16.
            #expect(relativeError(given, expected) < 0x1p-8)
        }
    }

    private func check(_ named: [(name: String, shape: [Int])], _ op: ([Tensor]) throws -> Tensor) throws {
        try InstructionSet.forEachAvailable { try check(named, with: $0, op) }
    }

    private func check(
        _ named: [(name: String, shape: [Int])], with set: String, _ op: ([Tensor]) throws -> Tensor
    ) throws {
        let inputs = named.map { Pattern.tensor($0.name, Shape($0.shape)) }
        // A bias is added, not multiplied.
        let rounded = inputs.enumerated().map { $0 < 2 ? roundedToBFloat16($1) : $1 }
        func results(_ inputs: [Tensor], _ precision: ProductPrecision, rounds: Bool) throws -> [Tensor] {
            let inputs = inputs.map { $0.copied() }
            for input in inputs { input.requiresGrad = true }
            return try precision.used {
                let y = try op(inputs)
                let upstream = Pattern.tensor("upstream", y.shape)
                try y.backward(from: rounds ? roundedToBFloat16(upstream) : upstream)
                return [y] + inputs.map { $0.grad! }
            }
        }
        let narrow = try results(inputs, .bfloat16, rounds: false)
        let plain = try results(rounded, .float32, rounds: true)
        for index in narrow.indices.prefix(3) {
            // Results of convolutions are rounded, too: half a unit in the last place at most.
            let expected = narrow[index].isNarrow ? roundedToBFloat16(plain[index]) : plain[index]
            let difference = relativeError(narrow[index], expected)
            #expect(
                difference < (narrow[index].isNarrow ? 1e-3 : 1e-5),
                "\(set): \(["result", "input", "weight"][index]): \(difference)")
        }
        // And it is another arithmetic than that of float32.
        #expect(relativeError(narrow[0], try results(inputs, .float32, rounds: false)[0]) > 1e-4)
    }
}
