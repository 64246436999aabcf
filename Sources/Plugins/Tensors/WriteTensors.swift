import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(WriteTensors.self) }

/// `kit.tensor.write_all { path = "arrays.npz", tensors = { x = x, y = y } }`: tensors by name.
struct WriteTensors: Plugin {
    static let kind = "tensor"
    static let name = "write_all"
    static let summary =
        "Writes tensors by name, as float32: .npz for numpy, .safetensors for every library that reads weights. The file gets its name when it is complete. Its folder is created if necessary."
    static let reference = "numpy.savez; safetensors."
    static let returns: any OptionConvertible.Type = Nothing.self

    @Param("The file; its name ends in .npz or .safetensors.") var path: String
    @Param("The tensors by name.") var tensors: NamedOption<Tensor>

    var changesFiles: Bool { true }

    func validate() throws {
        guard path.hasSuffix(".npz") || path.hasSuffix(".safetensors") else {
            throw KitError.usage(
                "option 'path' must end in .npz or .safetensors, but is '\(path)': kit.tensor.write writes .npy")
        }
    }

    func construct() throws -> Any {
        try UnwrittenFiles.makeFolder(Folder.of(path))
        if path.hasSuffix(".npz") {
            try NumpyArchive.write(tensors.entries.map { ($0.name, $0.value) }, to: path)
        } else {
            // Some libraries read a file only if it says so.
            try SafetensorsWriter.write(
                tensors.entries.map { .init($0.name, $0.value) }, metadata: ["format": "pt"], to: path)
        }
        return ()
    }
}
