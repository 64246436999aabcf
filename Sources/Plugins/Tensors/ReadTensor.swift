import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(ReadTensor.self) }

/// `kit.tensor.read "x.npy"`: one tensor of a file.
struct ReadTensor: TensorMaker, CalledWithArguments {
    static let arguments = ["path", "tensor"]
    static let name = "read"
    static let summary =
        "Reads a tensor from a file of numpy (.npy, .npz), safetensors or torch.save, converted to float32. Nothing in the file is run."
    static let reference = "numpy.load; safetensors; torch.load with weights_only."

    @Param("The file; its content decides the format.") var path: String
    @Param("Which tensor, of a file with several.", from: .ours) var tensor: String? = nil

    func make() throws -> Tensor {
        let file = try openTensorFile(path)
        if let tensor { return try file.tensor(tensor) }
        guard file.names.count == 1 else {
            let some = file.names.prefix(5).joined(separator: ", ") + (file.names.count > 5 ? ", ..." : "")
            throw KitError.usage(
                file.names.isEmpty
                    ? "\(path) contains no tensor"
                    : "\(path) contains \(counted(file.names.count, "tensor")) (\(some)): name one of them with 'tensor', or read all of them with kit.tensor.read_all"
            )
        }
        return try file.tensor(file.names[0])
    }
}
