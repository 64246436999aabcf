import Kit

/// Numbers at equal steps.
struct ArangeTensor: TensorMaker {
    static let name = "arange"
    static let summary = "A tensor of numbers at equal steps from 'start' up to but not including 'stop'."
    static let reference = "numpy.arange."

    @Param("The first number.", from: .ours) var start: Double = 0
    @Param("The bound, which is not reached.") var stop: Double
    @Param("The step from one number to the next, which may be negative.", from: .ours) var step: Double = 1

    func validate() throws {
        guard step != 0 else { throw KitError.usage("option 'step' must not be 0") }
        guard start.isFinite, stop.isFinite, step.isFinite, count <= 0x1p40 else {
            throw KitError.usage("these are too many numbers: \(start) to \(stop) by \(step)")
        }
    }

    /// Infinite if it is too large for a number.
    private var count: Double { max(0, ((stop - start) / step).rounded(.up)) }

    func make() throws -> Tensor {
        let result = Tensor(uninitialized: try Shape(checking: [Int(count)], Self.name))
        guard !MemoryShortage.isPending else { return result }
        let (values, start, step) = (result.pointer, start, step)
        ThreadPool.shared.forEachRange(result.count, grain: 1 << 15) {
            for index in $0 { values[index] = Float(start + step * Double(index)) }
        }
        return result
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(ArangeTensor.self) }
