import Foundation
import Kit

/// Writes files as `torch.save` does, for tests of whole networks, whose weights are too large for fixtures.
public enum TorchFiles {
    /// The content of `torch.save({"model": {name: tensor, ...}})`.
    public static func save(_ tensors: [(name: String, tensor: Tensor)], to path: String) throws {
        var pickle = Data([0x80, 2])
        pickle += Data("}X\u{5}\0\0\0model}(".utf8)
        for (index, (name, tensor)) in tensors.enumerated() {
            pickle += text(name) + Data("ctorch._utils\n_rebuild_tensor_v2\n((".utf8) + text("storage")
            pickle += Data("ctorch\nFloatStorage\n".utf8) + text("\(index)") + text("cpu")
            pickle += number(tensor.count) + Data("tQK\0(".utf8)
            pickle += tensor.shape.extents.map(number).reduce(Data(), +) + Data("t(".utf8)
            pickle += tensor.shape.strides.map(number).reduce(Data(), +)
            pickle += Data("t".utf8) + Data([0x89]) + Data("ccollections\nOrderedDict\n)RtR".utf8)
        }
        pickle += Data("us.".utf8)
        var entries: [(name: String, content: Data)] = [("archive/data.pkl", pickle)]
        for (index, (_, tensor)) in tensors.enumerated() {
            entries.append(("archive/data/\(index)", Data(bytes: tensor.pointer, count: tensor.count * 4)))
        }
        try archive(entries).write(to: URL(fileURLWithPath: path))
    }

    private static func bytes(_ number: Int, _ count: Int) -> Data {
        Data((0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) })
    }

    private static func text(_ text: String) -> Data { Data("X".utf8) + bytes(text.utf8.count, 4) + Data(text.utf8) }

    private static func number(_ number: Int) -> Data { Data("J".utf8) + bytes(number, 4) }

    /// A zip archive without compression.
    public static func archive(_ entries: [(name: String, content: Data)]) -> Data {
        var (file, directory) = (Data(), Data())
        for (name, content) in entries {
            let checksum = bytes(Int(ReflectedCRC.zip.of(content)), 4)
            let sizes =
                bytes(0, 8) + checksum + bytes(content.count, 4) + bytes(content.count, 4) + bytes(name.utf8.count, 2)
            directory += bytes(0x0201_4b50, 4) + bytes(20, 2) + bytes(20, 2) + sizes
            directory += bytes(0, 12) + bytes(file.count, 4) + Data(name.utf8)
            file += bytes(0x0403_4b50, 4) + bytes(20, 2) + sizes + bytes(0, 2) + Data(name.utf8) + content
        }
        return file + directory + bytes(0x0605_4b50, 4) + bytes(0, 4) + bytes(entries.count, 2)
            + bytes(entries.count, 2)
            + bytes(directory.count, 4) + bytes(file.count, 4) + bytes(0, 2)
    }
}
