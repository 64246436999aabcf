import Kit
import TestSupport
import Testing

@Suite(.serialized, .alone("the number of threads")) struct GradientNormTests {
    @Test func theNormIsThatOfAllElementsTogether() {
        let tensors = [Tensor([3], [1]), Tensor([0, 4], [2]), Tensor.zeros([0])]
        #expect(tensors.globalNorm() == 5)
        let large = Pattern.tensor("x", [100_003])
        let exact = large.values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
        #expect(abs([large].globalNorm() / exact - 1) < 1e-6)
        // Squares near the end of float32's range.
        #expect(abs([Tensor(repeating: 1e18, [4])].globalNorm() / 2e18 - 1) < 1e-6)
    }

    @Test func nonFiniteElementsAreCountedAndNamed() {
        let x = Pattern.tensor("x", [70_001])
        #expect(x.nonFiniteCount == 0)
        for (index, value) in [(0, Float.nan), (40_000, .infinity), (70_000, -.infinity)] { x.pointer[index] = value }
        #expect(x.nonFiniteCount == 3)
        let found = NonFinite.first(in: [("a", Tensor([.greatestFiniteMagnitude], [1])), ("b.weight", x), ("c", x)])
        #expect(found?.name == "b.weight" && found?.count == 3)
        #expect(NonFinite.first(in: [("a", Tensor(1))]) == nil)
    }

    @Test func sameBitsOnOneAndTwoThreads() throws {
        let x = Pattern.tensor("x", [300_007])
        let before = ThreadPool.shared.threadCount
        defer { ThreadPool.shared.threadCount = before }
        let norms = [1, 2].map { threads in
            ThreadPool.shared.threadCount = threads
            return [x].globalNorm()
        }
        #expect(norms[0] == norms[1])
    }
}
