import KitCore
import KitTensor

/// A file of `torch.save` (PyTorch 1.6 and later), open for reading: a zip archive with a pickle and the values of its
/// tensors. Nothing in it is run; see `Pickle`.
///
/// Tensors in nested dicts and lists are named by the keys on the way to them, joined by dots: `model.norm.weight`.
/// Errors name the file and its fault.
public final class TorchFile: TensorFile {
    public let path: String
    public let names: [String]
    private let archive: ZipArchive
    private let pickle: Pickle
    /// The archive's folder, with which the names of all entries begin.
    private let folder: String
    private let places: [String: Int]

    /// Containers below others, and values in all of them together. Shared containers count each time, so that a few
    /// bytes cannot stand for millions of values.
    private static let deepest = 32
    private static let mostValues = 1 << 20

    public init(_ path: String) throws {
        self.path = path
        archive = try ZipArchive(path)
        let suffix = "/data.pkl"
        let pickles = archive.entries.keys.filter { $0.hasSuffix(suffix) }
        guard pickles.count == 1, let name = pickles.first, let entry = archive.entries[name] else {
            throw Self.fault(path, "it has \(counted(pickles.count, "pickle")) instead of one")
        }
        folder = String(name.dropLast(suffix.count))
        do {
            guard entry.count <= Pickle.largest else {
                throw Pickle.fault("a pickle of \(counted(entry.count, "byte")) is larger than \(Pickle.largest)")
            }
            if let order = archive.entries["\(folder)/byteorder"], order.count < 16,
                try archive.bytes(order) != Array("little".utf8)
            {
                throw Pickle.fault("its values have the most significant byte first")
            }
            pickle = try Pickle(try archive.bytes(entry))
            var walk = Walk(pickle)
            try walk.visit(pickle.root, [], depth: 0)
            (names, places) = (walk.names, walk.places)
            for place in Set(places.values) {
                let storage = pickle.storages[pickle.tensors[place].storage]
                let given = archive.entries["\(folder)/data/\(storage.key)"]?.count
                guard let given, given / (storage.type.bits / 8) >= storage.count else {
                    throw Pickle.fault(
                        "storage '\(storage.key)' of \(counted(storage.count, "value")) has \(given.map { counted($0, "byte") } ?? "no entry")"
                    )
                }
            }
        } catch let error as KitError where error.kind == .badData {
            throw Self.fault(path, error.message)
        }
    }

    private static func fault(_ path: String, _ message: String) -> KitError {
        KitError(
            .badData, message.hasPrefix(path) ? message : "\(path): not weights of PyTorch that can be read: \(message)"
        )
    }

    public func type(_ name: String) throws -> ElementType { pickle.storages[try view(name).storage].type }

    public func shape(_ name: String) throws -> Shape { Shape(try view(name).extents) }

    private func view(_ name: String) throws -> Pickle.TensorView {
        guard let place = places[name] else {
            throw KitError(.badData, "\(path): has no tensor '\(name)'\(NearestName.hint(name, in: names))")
        }
        return pickle.tensors[place]
    }

    public func tensor(_ name: String) throws -> Tensor {
        let view = try view(name)
        let storage = pickle.storages[view.storage]
        guard let entry = archive.entries["\(folder)/data/\(storage.key)"], let convert = storage.type.converter else {
            throw KitError(.badData, "\(path): tensor '\(name)' cannot be read")
        }
        let result = Tensor(uninitialized: Shape(view.extents))
        try MemoryShortage.check()
        guard result.count > 0 else { return result }
        // The part of the storage from the first to the last element.
        let last = zip(view.extents, view.strides).reduce(view.offset) { $0 + ($1.0 - 1) * $1.1 }
        let values = result.shape.strides == view.strides ? result : Tensor(uninitialized: [last - view.offset + 1])
        try MemoryShortage.check()
        try storage.type.read(values, from: view.offset * storage.type.bits / 8, convert) { bytes, place in
            try archive.read(entry, place..<place + bytes.count, into: bytes)
        }
        guard values !== result else { return result }
        for index in 0..<result.count {
            var (rest, place) = (index, 0)
            for axis in view.extents.indices.reversed() {
                place += rest % view.extents[axis] * view.strides[axis]
                rest /= view.extents[axis]
            }
            result.pointer[index] = values.pointer[place]
        }
        return result
    }

    /// Finds the tensors in nested containers.
    private struct Walk {
        let pickle: Pickle
        private(set) var names: [String] = []
        private(set) var places: [String: Int] = [:]
        private var visited = 0

        init(_ pickle: Pickle) { self.pickle = pickle }

        mutating func visit(_ value: Pickle.Value, _ path: [String], depth: Int) throws {
            visited += 1
            guard visited <= mostValues else { throw Pickle.fault("it has more than \(mostValues) values") }
            guard depth <= deepest else { throw Pickle.fault("its containers are nested more than \(deepest) deep") }
            switch value {
            case .list(let list):
                for (index, value) in pickle.lists[list].enumerated() {
                    try visit(value, path + ["\(index)"], depth: depth + 1)
                }
            case .dict(let dict):
                for (key, value) in pickle.dicts[dict] {
                    let name: String? =
                        switch key {
                        case .text(let text): text
                        case .int(let number): "\(number)"
                        default: nil
                        }
                    guard let name else { throw Pickle.fault("a dict has a key that is neither text nor a number") }
                    try visit(value, path + [name], depth: depth + 1)
                }
            case .tensor(let place):
                let name = path.joined(separator: ".")
                guard places.updateValue(place, forKey: name) == nil else {
                    throw Pickle.fault("tensor '\(name)' is there twice")
                }
                names.append(name)
            case .none, .bool, .int, .number, .text, .bytes, .storage, .global: break
            }
        }
    }
}
