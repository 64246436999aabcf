import KitCore
import KitTensor
import TestSupport
import Testing

@Suite(.serialized, .alone("the instruction set")) struct ConvolutionTests {
    @Test func agreesWithPyTorchUnderEveryInstructionSet() throws {
        try InstructionSet.forEachAvailable { _ in
            let oracle = try Oracle("convolution")
            try oracle.check("conv3d") { try convolved($0, Tensor.conv3d) }
            try oracle.check("conv2d") { try convolved($0, Tensor.conv2d) }
        }
    }

    @Test func sumsOverManyTilesAgreeWithAPlainLoop() throws {
        // Larger than any tile: pointwise, depthwise in several bands, dense with several parts and tap groups.
        var random = RandomStream(seed: 3)
        for (shape, weight, stride, groups): (Shape, Shape, [Int], Int) in [
            ([1, 3, 40, 41, 20], [33, 1, 1, 1, 20], [1, 1, 1], 1),
            ([2, 5, 60, 57, 54], [54, 3, 3, 3, 1], [1, 1, 1], 54),
            ([1, 4, 90, 93, 37], [37, 3, 3, 3, 1], [1, 2, 2], 37),
            ([1, 3, 30, 31, 5], [70, 3, 3, 3, 5], [1, 2, 1], 1),
            ([1, 1, 12, 12, 200], [200, 1, 3, 3, 200], [1, 1, 1], 1),
            // By minimal filtering: odd extents, each form, more tiles than a chunk has.
            ([2, 1, 31, 43, 40], [51, 1, 3, 3, 40], [1, 1, 1], 1),
            ([2, 9, 3, 9, 33], [35, 3, 1, 3, 33], [1, 1, 1], 1),
            ([1, 11, 3, 17, 65], [67, 3, 1, 1, 65], [1, 1, 1], 1),
            ([1, 3, 17, 9, 70], [64, 1, 3, 1, 70], [1, 1, 1], 1),
            ([1, 2, 5, 40, 64], [64, 1, 1, 3, 64], [1, 1, 1], 1),
            // Fewer positions than outputs.
            ([1, 1, 3, 9, 40], [50, 1, 3, 3, 40], [1, 1, 1], 1),
            ([1, 2, 5, 7, 67], [131, 1, 1, 1, 67], [1, 1, 1], 1),
            ([1, 4, 4, 5, 24], [80, 1, 3, 3, 12], [2, 1, 2], 2),
            ([1, 1, 1, 1, 96], [48, 1, 1, 1, 96], [1, 1, 1], 1),
            // Strided: positions that no tap reaches, one tap, phases of several sizes.
            ([1, 3, 11, 14, 40], [33, 1, 1, 1, 40], [1, 2, 2], 1),
            ([2, 4, 9, 11, 24], [40, 3, 3, 3, 12], [2, 2, 3], 2),
            ([1, 8, 7, 9, 16], [20, 2, 1, 3, 16], [3, 1, 2], 1),
        ] {
            let x = Tensor.uniform(shape, -1, 1, &random)
            let w = Tensor.uniform(weight, -1, 1, &random)
            (x.requiresGrad, w.requiresGrad) = (true, true)
            let padding = weight.extents[1...3].map { $0 / 2 }
            let y = try x.conv3d(weight: w, stride: stride, padding: padding, groups: groups)
            let gradient = Tensor.uniform(y.shape, -1, 1, &random)
            try y.backward(from: gradient)
            let plain = PlainConvolution(x, w, stride: stride, padding: padding, groups: groups)
            #expect(relativeError(y, plain.output()) < 1e-5, "\(weight)")
            let (dx, dw) = plain.gradients(gradient)
            #expect(relativeError(try #require(x.grad), dx) < 1e-5, "\(weight): input")
            #expect(relativeError(try #require(w.grad), dw) < 1e-5, "\(weight): weight")
        }
    }

    @Test func threadsDoNotChangeABit() throws {
        let threads = ThreadPool.shared.threadCount
        defer { ThreadPool.shared.threadCount = threads }
        for (positions, weight, groups): ([Int], Shape, Int) in [
            ([2, 5, 40, 23], [50, 1, 1, 1, 30], 1), ([2, 5, 40, 23], [30, 3, 3, 3, 1], 30),
            ([2, 5, 40, 23], [20, 3, 3, 1, 15], 2), ([2, 5, 40, 23], [33, 1, 3, 3, 40], 1),
            ([2, 1, 6, 13], [500, 1, 3, 3, 70], 1),
        ] {
            let runs = try [1, 2, threads].map { count -> [[Float]] in
                ThreadPool.shared.threadCount = count
                var random = RandomStream(seed: 5)
                let x = Tensor.uniform(Shape(positions + [weight[-1] * groups]), -1, 1, &random)
                let w = Tensor.uniform(weight, -1, 1, &random)
                let b = Tensor.uniform([weight[0]], -1, 1, &random)
                for tensor in [x, w, b] { tensor.requiresGrad = true }
                let y = try x.conv3d(weight: w, bias: b, padding: weight.extents[1...3].map { $0 / 2 }, groups: groups)
                try y.backward(from: Tensor.uniform(y.shape, -1, 1, &random))
                return [y, x.grad!, w.grad!, b.grad!].map(\.values)
            }
            #expect(runs[0] == runs[1] && runs[0] == runs[2], "\(weight)")
        }
    }

    @Test func wrongShapesAreNamed() throws {
        let video = Tensor.zeros([1, 4, 8, 8, 3])
        func message(_ body: () throws -> Tensor) -> String {
            do { _ = try body() } catch { return "\(error)" }
            return "no error"
        }
        #expect(
            message { try video.conv3d(weight: .zeros([8, 1, 3, 3, 4])) }
                == "conv3d: the weight [8, 1, 3, 3, 4] with 1 group takes 4 channels, but the input has 3: "
                + "[batch 1, time 4, height 8, width 8, channels 3]")
        #expect(
            message { try video.conv2d(weight: .zeros([8, 3, 3, 3])) }.contains("[batch, height, width, channels]"))
        #expect(message { try video.conv3d(weight: .zeros([8, 3, 3, 3])) }.contains("[out, time, height, width, in"))
        #expect(message { try video.conv3d(weight: .zeros([8, 5, 1, 1, 3])) }.contains("does not fit"))
        #expect(
            message { try video.conv3d(weight: .zeros([8, 1, 1, 1, 3]), stride: [1, 2]) }.contains("stride must be"))
        #expect(
            message { try video.conv3d(weight: .zeros([8, 1, 1, 1, 3]), groups: 2) }.contains("groups must divide"))
        #expect(
            message { try video.conv3d(weight: .zeros([8, 1, 1, 1, 3]), bias: .zeros([3])) }.contains("bias must be"))
    }

    private func convolved(
        _ oracle: OracleCase,
        _ function: (Tensor) -> (Tensor, Tensor?, [Int], [Int], Int) throws -> Tensor
    ) throws -> Tensor {
        try function(oracle["x"])(
            oracle["weight"], oracle.inputs["bias"], oracle.ints("stride"), oracle.ints("padding"),
            oracle.int("groups"))
    }
}
