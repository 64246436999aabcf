import Kit
import TestSupport
import Testing

@Suite(.serialized, .alone("counts the memory of tensors")) struct RecomputationTests {
    /// Linear, batch norm if wanted, ReLU, dropout, linear: all that a repeated pass could get wrong.
    private final class Network: Module {
        let first: Linear
        let norm: BatchNorm?
        let dropout: Dropout
        let second: Linear

        init(normalizes: Bool, drop: Double = 0.5) {
            var random = RandomStream(seed: 5)
            first = Linear(6, 32, &random)
            norm = normalizes ? BatchNorm(32) : nil
            dropout = Dropout(drop)
            second = Linear(32, 4, &random)
            super.init()
            register("first", first)
            if let norm { register("norm", norm) }
            register("dropout", dropout)
            register("second", second)
        }
        override func forward(_ input: Tensor) throws -> Tensor {
            let wide = try first(input)
            let hidden = try norm.map { try $0(wide, .relu) } ?? wide.relu()
            return try second(dropout(hidden))
        }
    }

    private struct Outcome {
        let loss: Tensor
        let gradients: [Tensor]
        let buffers: [Tensor]
    }

    private let a = Pattern.tensor("recompute/a", [12, 6])
    private let b = Pattern.tensor("recompute/b", [12, 6])

    /// One step of a contrastive loss over two batches that one network sees.
    private func step(
        _ network: Network, _ call: (Network, Tensor) throws -> Tensor
    ) throws -> Outcome {
        StepRandom.begin(seed: 3, step: 9)
        let input = a.copied()
        input.requiresGrad = true
        let (left, right) = (try call(network, input), try call(network, b))
        let similarities = try left.l2Normalized().matmul(right.l2Normalized().transposed(0, 1)) * 10
        let loss = try similarities.logSumExp(axis: 1).mean()
        try loss.backward()
        let gradients = try network.namedParameters().map { try #require($0.tensor.grad) } + [try #require(input.grad)]
        return Outcome(loss: loss, gradients: gradients, buffers: network.namedBuffers().map(\.tensor))
    }

    @Test func inOnePieceNothingDiffersInABit() throws {
        let kept = try step(Network(normalizes: true)) { try $0($1) }
        let repeated = try step(Network(normalizes: true)) { network, input in
            try Recomputation.apply(to: [input]) { [try network($0[0])] }[0]
        }
        #expect(kept.loss.values == repeated.loss.values)
        #expect(kept.gradients.map(\.values) == repeated.gradients.map(\.values))
        // Running statistics have moved once for each call.
        #expect(kept.buffers.map(\.values) == repeated.buffers.map(\.values))
        #expect(kept.buffers.contains { $0.values == [2] })
    }

    /// Backward may run where another precision is in use, or none was chosen.
    @Test(arguments: [nil, 5]) func recomputesInThePrecisionOfTheCall(rows: Int?) throws {
        func gradient(recomputes: Bool, forward: ProductPrecision, backward: ProductPrecision) throws -> Tensor {
            let (network, input) = (Network(normalizes: false, drop: 0), a.copied())
            input.requiresGrad = true
            let output = try forward.used {
                try recomputes
                    ? Recomputation.apply(to: [input], rows: rows) { [try network($0[0])] }[0] : network(input)
            }
            let loss = try output.squared().sum()
            try backward.used { try loss.backward() }
            return try #require(input.grad)
        }
        for (forward, backward) in [(ProductPrecision.bfloat16, ProductPrecision.float32), (.float32, .bfloat16)] {
            let plain = try gradient(recomputes: false, forward: forward, backward: forward)
            let other = try gradient(recomputes: false, forward: backward, backward: backward)
            let given = try gradient(recomputes: true, forward: forward, backward: backward)
            #expect(relativeError(given, plain) < 1e-6 && relativeError(given, other) > 1e-4)
        }
    }

    @Test(arguments: [1, 5, 12, 100]) func inChunksTheGradientIsThatOfTheWholeBatch(rows: Int) throws {
        let whole = try step(Network(normalizes: false, drop: 0)) { try $0($1) }
        let chunked = try step(Network(normalizes: false, drop: 0)) { network, input in
            try Recomputation.apply(to: [input], rows: rows) { [try network($0[0])] }[0]
        }
        for (mine, theirs) in zip([chunked.loss] + chunked.gradients, [whole.loss] + whole.gradients) {
            #expect(zip(mine.values, theirs.values).allSatisfy { abs($0 - $1) <= 1e-5 * max(1, abs($1)) })
        }
    }

    /// This includes dropout's masks and the statistics of each chunk, as if each chunk had been passed separately.
    @Test func chunksAreWhatTheyAreOneByOne() throws {
        let apart = try step(Network(normalizes: true)) { network, input in
            try Tensor.concat([0..<5, 5..<10, 10..<12].map { try network(input.slice(axis: 0, $0)) })
        }
        let chunked = try step(Network(normalizes: true)) { network, input in
            try Recomputation.apply(to: [input], rows: 5) { [try network($0[0])] }[0]
        }
        #expect(chunked.loss.values == apart.loss.values)
        #expect(chunked.buffers.map(\.values) == apart.buffers.map(\.values))
        for (mine, theirs) in zip(chunked.gradients, apart.gradients) {
            #expect(zip(mine.values, theirs.values).allSatisfy { abs($0 - $1) <= 1e-5 * max(1, abs($1)) })
        }
    }

    @Test func gradientsAreFiniteDifferences() throws {
        let network = Network(normalizes: true)
        try GradientCheck().run("recompute", [("input", a.copied()), ("weight", network.first.weight)]) { inputs in
            StepRandom.begin(seed: 3, step: 9)
            let outputs = try Recomputation.apply(to: [inputs[0]], rows: 6) { chunk in
                let wide = try network.norm!(network.first(chunk[0]), .swish)
                return [try network.second(network.dropout(wide)), wide.squared()]
            }
            return try outputs[0].mean([1]) + outputs[1].mean([1])
        }
    }

    @Test func sameBitsOnOneAndTwoThreads() throws {
        try expectSameBits("recompute") {
            try step(Network(normalizes: true)) { network, input in
                try Recomputation.apply(to: [input], rows: 5) { [try network($0[0])] }[0]
            }.gradients
        }
    }

    @Test func activationsAreNotKept() throws {
        func peak(_ rows: Int?) throws -> Int {
            var random = RandomStream(seed: 1)
            let layers = (0..<8).map { _ in Linear(64, 64, &random) }
            let input = Tensor.ones([4096, 64])
            func forward(_ x: Tensor) throws -> Tensor { try layers.reduce(x) { try $1($0).relu() } }
            BufferPool.shared.resetPeak()
            let before = BufferPool.shared.bytesInUse
            let output =
                try rows.map { rows in
                    try Recomputation.apply(to: [input], rows: rows) { [try forward($0[0])] }[0]
                } ?? forward(input)
            try output.mean().backward()
            return BufferPool.shared.peakBytesInUse - before
        }
        let whole = try peak(nil)
        #expect(try peak(256) < whole / 2, "of \(whole) bytes")
    }

    @Test func wrongUseIsNamed() throws {
        func message(_ inputs: [Tensor], rows: Int? = nil, _ body: @escaping Recomputation.Body) -> String? {
            #expect(throws: KitError.self) { try Recomputation.apply(to: inputs, rows: rows, body) }?.message
        }
        #expect(message([]) { $0 } == "recompute: needs at least one tensor [batch, ...]")
        #expect(message([a, Tensor.ones([3, 2])]) { $0 }?.contains("the first has 12 rows") == true)
        #expect(message([a], rows: 0) { $0 }?.contains("1 row or more, not 0") == true)
        #expect(message([a]) { _ in [] }?.contains("at least one tensor") == true)
        #expect(message([a], rows: 5) { [try $0[0].sum()] }?.contains("keep the first axis, of 5 rows") == true)
    }
}
