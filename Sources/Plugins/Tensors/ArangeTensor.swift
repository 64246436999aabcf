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
        let count = (stop - start) / step
        guard count.isFinite, count <= Double(1 << 40) else {
            throw KitError.usage("these are too many numbers: \(start) to \(stop) by \(step)")
        }
    }

    func make() throws -> Tensor {
        let count = max(0, Int(((stop - start) / step).rounded(.up)))
        return Tensor((0..<count).map { Float(start + step * Double($0)) }, [count])
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(ArangeTensor.self) }
