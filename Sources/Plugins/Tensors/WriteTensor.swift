import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(WriteTensor.self) }

/// `kit.tensor.write("x.npy", x)`: one tensor as a file of numpy.
struct WriteTensor: CalledWithArguments {
    static let kind = "tensor"
    static let name = "write"
    static let summary =
        "Writes a tensor as an array of numpy (.npy, float32). The file gets its name when it is complete. Its folder is created if necessary."
    static let reference = "numpy.save."
    static let arguments = ["path", "x"]
    static let returns: any OptionConvertible.Type = Nothing.self

    @Param("The file; its name ends in .npy.") var path: String
    @Param("The tensor.") var x: Tensor

    var changesFiles: Bool { true }

    func validate() throws {
        guard path.hasSuffix(".npy") else {
            throw KitError.usage(
                "option 'path' must end in .npy, but is '\(path)': kit.tensor.write_all writes .npz and .safetensors, "
                    + "kit.media.write_audio and kit.media.write_image sounds and images")
        }
    }

    func construct() throws -> Any {
        try UnwrittenFiles.makeFolder(Folder.of(path))
        try NumpyFile.write(x, to: path)
        return OptionValue.results([])
    }
}
