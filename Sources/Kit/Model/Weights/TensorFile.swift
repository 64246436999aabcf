import Glibc
import KitCore
import KitTensor

/// A file of named tensors, which are read one by one.
public protocol TensorFile: AnyObject {
    var path: String { get }
    /// The names, in the order of the file.
    var names: [String] { get }
    func type(_ name: String) throws -> ElementType
    func shape(_ name: String) throws -> Shape
    /// Reads one tensor, converted to float32.
    func tensor(_ name: String) throws -> Tensor
}

extension SafetensorsFile: TensorFile {
    public func type(_ name: String) throws -> ElementType { try entry(name).type }
    public func shape(_ name: String) throws -> Shape { try entry(name).shape }
}

/// Opens tensors in a format that the first bytes tell: safetensors, a file of `torch.save`, or numpy's .npy and .npz.
public func openTensorFile(_ path: String) throws -> any TensorFile {
    guard let start = FirstBytes.read(path) else { return try SafetensorsFile(path) }
    if start.starts(with: Array("PK".utf8)) {
        let archive = try ZipArchive(path)
        return try NumpyArchive.matches(archive) ? NumpyArchive(archive, path) : TorchFile(path)
    }
    if start.starts(with: NumpyArray.magic) { return try NumpyFile(path) }
    if start.starts(with: [0x80]) && start.count > 1 && (2...5).contains(start[1]) {
        throw KitError(
            .badData,
            "\(path): a bare pickle, as PyTorch wrote before version 1.6: load it there with weights_only=True and save it again"
        )
    }
    return try SafetensorsFile(path)
}

private enum FirstBytes {
    /// Up to eight bytes; nil if the file cannot be read.
    static func read(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 8)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        return count > 0 ? Array(bytes[..<count]) : nil
    }
}
