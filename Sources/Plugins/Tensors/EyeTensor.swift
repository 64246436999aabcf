import Kit

/// An identity matrix.
struct EyeTensor: TensorMaker {
    static let name = "eye"
    static let summary = "The identity matrix [size, size]: 1 on the diagonal, 0 elsewhere."
    static let reference = "numpy.eye."

    @Param("The number of rows and columns.", positional: true) var size: OnlyItem<Int>

    func validate() throws {
        guard 0...65536 ~= size.value else {
            throw KitError.usage("option 'size' must be 0 to 65536, but is \(size.value)")
        }
    }

    func make() throws -> Tensor {
        let size = size.value
        let result = Tensor.zeros([size, size])
        guard !MemoryShortage.isPending else { return result }
        for index in 0..<size { result.pointer[index * size + index] = 1 }
        return result
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(EyeTensor.self) }
