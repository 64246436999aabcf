import Kit

/// Evenly spaced numbers.
struct LinspaceTensor: TensorMaker {
    static let name = "linspace"
    static let summary = "A tensor [count] of evenly spaced numbers, from the first to the last."
    static let reference = "numpy.linspace."

    @Param("The first number.", from: .ours) var start: Double = 0
    @Param("The last number.", from: .ours) var stop: Double = 1
    @Param("The number of elements.", in: 1...(1 << 40), from: .ours) var count: Int = 2

    func make() throws -> Tensor {
        let result = Tensor(uninitialized: try Shape(checking: [count], Self.name))
        guard !MemoryShortage.isPending else { return result }
        let (values, start, step) = (result.pointer, start, (stop - start) / Double(max(1, count - 1)))
        ThreadPool.shared.forEachRange(count, grain: 1 << 15) {
            for index in $0 { values[index] = Float(start + step * Double(index)) }
        }
        return result
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(LinspaceTensor.self) }
