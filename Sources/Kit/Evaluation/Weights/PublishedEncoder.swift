import KitCore
import KitData
import KitModel
import KitTensor

/// An encoder with published weights, which it recognises by the names and shapes of their tensors.
public protocol PublishedEncoder: Encoder {
    /// The name of a tensor that all its weights have.
    static var landmark: String { get }

    /// The encoder that weights of these shapes belong to. Throws if there is none, with what is unexpected.
    ///
    /// - Parameter shapes: the shape of each tensor by its name in PyTorch.
    static func recognised(_ shapes: [String: Shape]) throws -> Self

    /// The clips that the published weights were trained on.
    var publishedClips: ClipSettings { get }
}

/// The weights of one encoder within a file.
public struct WeightTower {
    /// The last part of the prefix, or "encoder".
    public let name: String
    /// The prefix of its tensors' names: empty, or ending in a dot.
    public let prefix: String
    public let encoder: any PublishedEncoder

    /// All towers of a file. Throws if one has tensors that do not fit.
    public static func all(in file: any TensorFile) throws -> [WeightTower] {
        let types = PluginRegistry.shared.all.compactMap { $0.type as? any PublishedEncoder.Type }
        var towers: [WeightTower] = []
        for type in types {
            for landmark in file.names where landmark == type.landmark || landmark.hasSuffix(".\(type.landmark)") {
                towers.append(try tower(type, String(landmark.dropLast(type.landmark.count)), file))
            }
        }
        return towers
    }

    private static func tower(
        _ type: any PublishedEncoder.Type, _ prefix: String, _ file: any TensorFile
    ) throws -> WeightTower {
        var shapes: [String: Shape] = [:]
        for name in file.names where name.hasPrefix(prefix) {
            shapes[String(name.dropFirst(prefix.count))] = try file.shape(name)
        }
        do {
            let name = prefix.split(separator: ".").last.map(String.init) ?? "encoder"
            return WeightTower(name: name, prefix: prefix, encoder: try type.recognised(shapes))
        } catch let error as KitError {
            throw KitError(.badData, "\(file.path): the tensors below '\(prefix)': \(error.message)")
        }
    }

    /// The encoder with the weights. Strict: throws if a tensor is missing, unexpected or of another shape, except for
    /// tables of positions that are to be resized.
    public func load(from file: any TensorFile, positions: PositionResizing? = nil) throws -> Module {
        let module = try WeightSeed.apart(seed: 0) { try encoder.make() }
        try module.loadWeights(from: file, prefix: prefix, positions: positions)
        return module
    }
}
