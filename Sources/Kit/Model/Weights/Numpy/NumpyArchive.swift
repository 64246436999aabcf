import KitCore
import KitTensor

/// Named arrays in numpy's format .npz: a zip archive of .npy files, stored without compression.
public final class NumpyArchive: TensorFile {
    public let path: String
    public let names: [String]
    private let archive: ZipArchive
    private let arrays: [String: (place: Range<Int>, array: NumpyArray)]

    /// Whether an archive contains arrays alone.
    static func matches(_ archive: ZipArchive) -> Bool {
        !archive.entries.isEmpty && archive.entries.keys.allSatisfy { $0.hasSuffix(".npy") }
    }

    /// Opens an archive and reads the headers of its arrays. Throws an error that names the file, the array and its fault.
    public convenience init(_ path: String) throws { try self.init(ZipArchive(path), path) }

    init(_ archive: ZipArchive, _ path: String) throws {
        (self.path, self.archive) = (path, archive)
        var arrays: [String: (place: Range<Int>, array: NumpyArray)] = [:]
        for (entry, place) in archive.entries {
            guard entry.hasSuffix(".npy") else {
                throw KitError(.badData, "\(path): contains '\(entry)', which is not a .npy file")
            }
            let array = try NumpyArray(place.count, "\(path): \(entry)") { bytes, start in
                try archive.read(place, start..<start + bytes.count, into: bytes)
            }
            arrays[String(entry.dropLast(4))] = (place, array)
        }
        self.arrays = arrays
        // In the order of the file.
        names = arrays.sorted { $0.value.place.lowerBound < $1.value.place.lowerBound }.map(\.key)
    }

    public func type(_ name: String) throws -> ElementType { try entry(name).array.type }
    public func shape(_ name: String) throws -> Shape { try entry(name).array.shape }
    public func tensor(_ name: String) throws -> Tensor {
        let (place, array) = try entry(name)
        return try array.tensor { bytes, start in
            try archive.read(place, start..<start + bytes.count, into: bytes)
        }
    }

    private func entry(_ name: String) throws -> (place: Range<Int>, array: NumpyArray) {
        guard let entry = arrays[name] else {
            throw KitError(.badData, "\(path): has no array '\(name)'\(NearestName.hint(name, in: names))")
        }
        return entry
    }
}
