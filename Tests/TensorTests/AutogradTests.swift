import Kit
import TestSupport
import Testing

@Suite(.serialized, .alone("counts the memory of tensors")) struct AutogradTests {
    private func parameter(_ values: [Float]) -> Tensor {
        let tensor = Tensor(values, [values.count])
        tensor.requiresGrad = true
        return tensor
    }

    @Test func gradientsAccumulateOverBackwards() throws {
        let x = parameter([1, 2])
        try (x * 3).sum().backward()
        let first = x.grad
        try (x * 4).sum().backward()
        #expect(x.grad?.values == [7, 7])
        #expect(first?.values == [3, 3], "a gradient that is held elsewhere does not change")
        x.grad = nil
        try x.squared().sum().backward()
        #expect(x.grad?.values == [2, 4])
    }

    @Test func aTensorUsedTwiceGetsBothGradients() throws {
        let x = parameter([2, 3])
        let y = x * 2
        // x -> y -> y * y and y itself: 4 x^2 + 2 x.
        try (try y * y + y).sum().backward()
        #expect(x.grad?.values == [18, 26])
    }

    /// Views share storage with the gradient they come from: writing one in place must not show in the other.
    @Test func gradientsThatShareStorageAreNotOverwritten() throws {
        let x = parameter([1, -2, 3, -4])
        let y = x + 0
        // Both branches get the same gradient; reshape hands it on as a view, relu would overwrite its own.
        let sum = try y.reshaped([2, 2]).relu().reshaped([4]) + y.reshaped([2, 2]).abs().reshaped([4]) + y
        try (sum * Tensor([1, 10, 100, 1000], [4])).sum().backward()
        #expect(x.grad?.values == [3, 0, 300, 0])
    }

    @Test func partsOfOneGradientAreNotMixed() throws {
        let (a, b) = (parameter([-1, 1]), parameter([2, -2]))
        // The gradients of a concat are views of one tensor.
        try (Tensor.concat([a.relu(), b.relu(), a.squared()]) * Tensor([1, 2, 3, 4, 5, 6], [6])).sum().backward()
        #expect(a.grad?.values == [-10, 14])
        #expect(b.grad?.values == [3, 0])
    }

    @Test func aGradientKeptByTheUserIsNotOverwritten() throws {
        let (x, y) = (parameter([1, 2]), parameter([3, 4]))
        try (x + y).sum().backward()
        let kept = try #require(x.grad)
        try (x.relu() * 5).sum().backward()
        #expect(kept.values == [1, 1])
        #expect(x.grad?.values == [6, 6])
        #expect(y.grad?.values == [1, 1])
    }

    @Test func deepGraphsOverflowNoStack() throws {
        func chain() throws -> (Tensor, Tensor) {
            let x = parameter([1])
            var y = x
            for _ in 0..<100_000 { y = y + 1 }
            return (x, y)
        }
        let (x, y) = try chain()
        try y.backward()
        #expect(x.grad?.values == [1])
        // Dropped without backward: every closure still holds its input.
        _ = try chain()
        var product = parameter([1])
        for _ in 0..<100_000 { product = try product * product }
        withExtendedLifetime(product) {}
    }

    @Test func noGradRecordsNothing() throws {
        let x = parameter([1, 2])
        let y = try Autograd.noGrad { try x * x }
        #expect(!y.needsGrad)
        #expect(Autograd.isRecording)
        #expect(throws: KitError.self) { try y.sum().backward() }
        #expect(!x.squared().detached().needsGrad)
    }

    /// A traced pass knows its sources, and keeps nothing in between.
    @Test func tracingNotesSourcesAtTheMemoryOfNoGrad() throws {
        let (x, unused) = (Pattern.tensor("x", [1 << 16]), parameter([1]))
        x.requiresGrad = true
        func chain() throws -> Tensor { try (0..<10).reduce(x) { y, _ in y.swish() }.sum() }
        func peak(_ body: () throws -> Tensor) throws -> (result: Tensor, bytes: Int) {
            let before = BufferPool.shared.bytesInUse
            BufferPool.shared.resetPeak()
            let result = try body()
            return (result, BufferPool.shared.peakBytesInUse - before)
        }
        let plain = try peak { try Autograd.noGrad(chain) }
        let traced = try peak { try Autograd.tracing(chain) }
        #expect(traced.bytes == plain.bytes)
        #expect(traced.result.values == plain.result.values)
        #expect(traced.result.trainedSources.map(ObjectIdentifier.init) == [ObjectIdentifier(x)])
        #expect {
            try Autograd.tracing { try (unused * traced.result).sum().backward() }
        } throws: {
            "\($0)".contains("not their gradients")
        }
        #expect(x.grad == nil && unused.grad == nil)
    }

    @Test func aConsumedGraphIsAnError() throws {
        let x = parameter([1, 2])
        let shared = x.squared()
        try shared.sum().backward()
        let error = #expect(throws: KitError.self) { try (shared * 2).sum().backward() }
        #expect(error?.message.contains("already consumed") == true)
        #expect(x.grad?.values == [2, 4], "a refused backward changes no gradient")
    }

    @Test func backwardNeedsAScalarOrASeedOfTheShape() throws {
        let x = parameter([1, 2])
        #expect(throws: KitError.self) { try (x * 2).backward() }
        #expect(throws: KitError.self) { try (x * 2).backward(from: Tensor.ones([3])) }
        #expect(throws: KitError.self) { try Tensor(1).backward() }
        try (x * 2).backward(from: Tensor([1, 10], [2]))
        #expect(x.grad?.values == [2, 20])
    }

    @Test func memoryFallsWhileBackwardPasses() throws {
        let count = 1 << 16
        let x = Pattern.tensor("x", [count])
        x.requiresGrad = true
        var (y, seen): (Tensor, [Int]) = (x, [])
        for _ in 0..<20 {
            y = y.swish()
            // A probe that reads the pool's state when backward passes this depth.
            y = Tensor(y.values, y.shape).recorded("probe", [y]) { gradient in
                seen.append(BufferPool.shared.bytesInUse)
                return [gradient]
            }
        }
        let loss = try y.sum()
        y = x
        try loss.backward()
        #expect(seen.count == 20)
        #expect(zip(seen, seen.dropFirst()).allSatisfy { $0 - $1 >= count * 4 }, "\(seen)")
    }

    @Test func aGradientNobodyElseHoldsIsReused() throws {
        let x = Pattern.tensor("x", [1 << 16])
        x.requiresGrad = true
        var y = x
        for _ in 0..<10 { y = y.relu() }
        let loss = try y.sum()
        y = x
        let before = BufferPool.shared.bytesInUse
        BufferPool.shared.resetPeak()
        try loss.backward()
        // The chain needs one gradient at a time, not one for each op.
        #expect(BufferPool.shared.peakBytesInUse - before <= 2 * x.count * 4 + 4096)
    }
}
