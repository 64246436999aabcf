import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(ReadTensors.self) }

/// `kit.tensor.read_all "arrays.npz"`: every tensor of a file by its name.
struct ReadTensors: CalledWithArguments {
    static let kind = "tensor"
    static let arguments = ["path"]
    static let name = "read_all"
    static let summary = "Reads all tensors of a file, as kit.tensor.read reads one: a table by name."
    static let reference = "numpy.load; safetensors; torch.load with weights_only."
    static let returns: any OptionConvertible.Type = NamedOption<Tensor>.self

    @Param("The file; its content decides the format.") var path: String

    func construct() throws -> Any {
        try ThreadPool.abandonable {
            let file = try openTensorFile(path)
            let tensors: [(key: String, value: OptionValue)] = try file.names.map { name in
                try Interrupt.check()
                return (name, OptionValue.object(try file.tensor(name)))
            }
            return OptionValue.table(Options(named: tensors))
        }
    }
}
