import KitCore
import KitModel
import KitTensor

/// The output of one module inside an encoder as features: [batch, channels], its mean over all axes between.
final class LayerFeatures: Module {
    private let encoder: Module
    private let pattern: String
    private let layer: String

    /// Throws unless the pattern matches exactly one module inside the encoder.
    init(_ encoder: Module, _ pattern: String) throws {
        (self.encoder, self.pattern, layer) = (encoder, pattern, try Self.onlyModule(of: encoder, pattern))
        super.init()
        register("encoder", encoder)
    }

    /// The name of the only module inside an encoder that a pattern matches. Throws if it matches none or several.
    static func onlyModule(of encoder: Module, _ pattern: String) throws -> String {
        let names = try encoder.moduleNames(pattern)
        guard names.count == 1 else {
            throw KitError.usage(
                "\"\(pattern)\" matches \(counted(names.count, "module")) of \(encoder.summary): "
                    + "\(names.prefix(5).joined(separator: ", "))\(names.count > 5 ? "..." : ""); features are of one")
        }
        return names[0]
    }

    override func forward(_ input: Tensor) throws -> Tensor {
        let output = try encoder.outputs(pattern, of: input)[0].tensor
        guard output.shape.rank >= 2, output.shape[0] == input.shape[0] else {
            throw KitError.usage(
                "the output of '\(layer)' is \(output.shape): features need [batch \(input.shape[0]), .., channels]")
        }
        return output.shape.rank == 2 ? output : try output.globalMean()
    }

    override var summary: String { "\(layer) of \(encoder.summary)" }
}
