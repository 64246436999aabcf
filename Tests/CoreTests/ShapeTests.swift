import KitCore
import Testing

@Suite struct ShapeTests {
    @Test func countsAndStridesFollowTheLastAxisFastest() {
        let shape: Shape = [2, 3, 4]
        #expect(shape.count == 24 && shape.rank == 3 && shape.strides == [12, 4, 1])
        #expect(shape[0] == 2 && shape[-1] == 4)
        #expect(Shape([]).count == 1 && Shape([]).strides == [])
        #expect(shape.description == "[2, 3, 4]")
        #expect(shape.described(by: ["batch", "time", "mel"]) == "[batch 2, time 3, mel 4]")
        #expect(shape.described(by: ["batch"]) == "[2, 3, 4]")
    }

    @Test func axesCountFromBothEnds() throws {
        let shape: Shape = [2, 3, 4]
        #expect(try shape.axis(-3, of: "sum") == 0 && shape.axis(2, of: "sum") == 2)
        for bad in [3, -4] {
            #expect(throws: KitError.usage("sum: axis \(bad) does not exist in a tensor of shape [2, 3, 4]")) {
                try shape.axis(bad, of: "sum")
            }
        }
    }

    @Test func productsThatNoIntegerHoldsAreTheLargest() {
        #expect(Shape([1 << 62, 4]).count == .max && Shape([1 << 62, 4, 0]).count == 0)
        #expect(Shape([0, 1 << 62, 4]).strides == [.max, 4, 1])
        #expect(Shape.product([]) == 1 && Shape.product([.max, 1]) == .max)
    }

    /// Only an empty axis would keep them from overflowing, and parts of them would overflow.
    @Test func emptyShapesMustNotBeBeyondAllMemory() throws {
        #expect(try Shape(checking: [0, 1 << 40], "zeros").count == 0)
        for extents in [[0, 1 << 60], [1 << 40, 0, 1 << 40]] {
            #expect(throws: KitError.self) { try Shape(checking: extents, "zeros") }
        }
        #expect(throws: KitError.usage("zeros: a shape of 65 axes: expected at most 64")) {
            try Shape(checking: [Int](repeating: 1, count: 65), "zeros")
        }
    }

    @Test func shapesFromOutsideAreChecked() throws {
        #expect(try Shape(checking: [2, 0, 3], "zeros") == [2, 0, 3])
        #expect(try Shape(checking: [], "zeros") == [])
        #expect(throws: KitError.usage("zeros: shape [2, -1] has a negative extent")) {
            try Shape(checking: [2, -1], "zeros")
        }
        for extents in [[1 << 40, 1], [1 << 32, 1 << 32], [.max, .max, .max]] {
            let error = #expect(throws: KitError.self) { try Shape(checking: extents, "zeros") }
            #expect(error?.message.contains("does not fit into this machine's memory") == true)
        }
    }
}
