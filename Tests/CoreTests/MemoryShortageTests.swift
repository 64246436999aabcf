import Kit
import Synchronization
import TestSupport
import Testing

/// Memory that there is not: an error, and nothing that anybody could take for a result.
@Suite(.serialized, .alone("counts the memory of tensors")) struct MemoryShortageTests {
    @Test func whatCannotBeHadIsKnownBefore() throws {
        #expect(MachineMemory.limit > 1 << 28 && MachineMemory.available > 1 << 20)
        try MachineMemory.require(1 << 20, for: "a little")
        let error = #expect(throws: KitError.self) { try MachineMemory.require(1 << 60, for: "all that there is") }
        #expect(
            error?.message.hasPrefix("not enough memory: all that there is needs 1152921504606846976 bytes") == true)
        #expect(error?.kind == .outOfMemory)
    }

    @Test func theNextCheckThrowsAndThenItIsDealtWith() throws {
        MemoryShortage.note(100)
        MemoryShortage.note(200)
        #expect(MemoryShortage.isPending)
        let error = #expect(throws: KitError.self) { try Interrupt.check() }
        #expect(error?.message.contains("needs 100 bytes") == true)
        try Interrupt.check()
        #expect(!MemoryShortage.isPending)
    }

    @Test func itIsWhatIsThrownWhateverCameOfIt() throws {
        for body in [
            { MemoryShortage.note(7) },
            {
                MemoryShortage.note(7); throw KitError.usage("nonsense")
            },
        ] {
            let error = #expect(throws: KitError.self) { try MemoryShortage.checked(body) }
            #expect(error?.message.contains("needs 7 bytes") == true)
        }
    }

    @Test(arguments: [1, 4]) func workAfterItIsLeftUndone(threads: Int) throws {
        let done = Atomic<Int>(0)
        let pool = ThreadPool(threads: threads)
        pool.forEach(100_000) { index in
            if index == 3 { MemoryShortage.note(64) }
            done.wrappingAdd(1, ordering: .relaxed)
        }
        #expect((4..<100_000).contains(done.load(ordering: .relaxed)))
        // Of whichever thread it was, the one that asked for the work knows.
        #expect(MemoryShortage.isPending)
        pool.forEach(10) { _ in done.store(-1, ordering: .relaxed) }
        #expect(done.load(ordering: .relaxed) != -1)
        #expect(throws: KitError.self) { try MemoryShortage.check() }
        pool.forEach(10) { _ in done.store(-1, ordering: .relaxed) }
        #expect(done.load(ordering: .relaxed) == -1)
    }

    @Test func aTensorWithoutMemoryIsAnError() throws {
        let before = BufferPool.shared.bytesInUse
        let error = #expect(throws: KitError.self) {
            try MemoryShortage.checked {
                var random = RandomStream(seed: 1)
                // Twice as much as there is, and more than any number holds.
                let large = Linear(1 << 22, MachineMemory.limit >> 23, &random)
                let larger = Tensor(uninitialized: [1 << 40, 1 << 40])
                return [(large.weight.relu() * 2).copied(), larger.exp()]
            }
        }
        #expect(error?.message.hasPrefix("not enough memory: a tensor needs ") == true)
        #expect(error?.kind == .outOfMemory)
        #expect(BufferPool.shared.bytesInUse == before)
        #expect(Tensor([1, 2], [2]).values == [1, 2])
    }

    /// Derived values are computed on demand; if memory is short then, a later try can still succeed.
    @Test func whatWasLeftUndoneDoesNotStay() throws {
        let zeros = Tensor(zerosOnceNeeded: [4])
        MemoryShortage.note(1)
        _ = zeros.values
        #expect(throws: KitError.self) { try MemoryShortage.check() }
        #expect(zeros.values == [0, 0, 0, 0])
    }

    @Test func gradientsAndWeightsStayAsTheyWere() throws {
        let weight = Tensor([1, 2], [2])
        weight.requiresGrad = true
        let loss = try (weight * weight).sum()
        MemoryShortage.note(1)
        #expect(throws: KitError.self) { try loss.backward() }
        #expect(weight.grad == nil)
    }
}
