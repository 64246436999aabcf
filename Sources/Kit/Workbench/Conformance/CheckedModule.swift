import KitCore
import KitModel
import KitTensor

/// A network to check, which can be made again with other fresh weights, and an input for it.
struct CheckedModule {
    let factory: any ModuleFactory
    let inputs: [Tensor]

    /// An encoder with an input of its own: small, with odd extents.
    init(_ encoder: any Encoder) {
        factory = encoder
        let isVideo = encoder.expectedInput.content == .video
        let extents = encoder.expectedInput.axes.map { axis in
            axis.size ?? ["batch": 2, "time": isVideo ? 5 : 67, "mel": 96][axis.name] ?? 65
        }
        var random = RandomStream(seed: 5)
        inputs = [.uniform(Shape(extents), -1, 1, &random)]
    }

    private init(_ factory: any ModuleFactory, _ inputs: [Tensor]) { (self.factory, self.inputs) = (factory, inputs) }

    /// The networks of a subject. For an encoder, itself and, if it has the option 'features', the one with a linear layer
    /// of 7 on top, with the subject's input or one of their own. For a head or a layer, itself, if the subject has an input for it. Otherwise none.
    static func all(of subject: ConformanceSubject) throws -> [CheckedModule] {
        guard subject.declaration.type is any ModuleFactory.Type else { return [] }
        if subject.declaration.type is any Encoder.Type {
            let whole = subject.takes("features") ? try encoder(subject, features: 7) : nil
            return try [encoder(subject), whole].compactMap { $0 }.map {
                subject.inputs.isEmpty ? CheckedModule($0) : CheckedModule($0, subject.inputs)
            }
        }
        guard !subject.inputs.isEmpty, let factory = try subject.make() as? any ModuleFactory else { return [] }
        return [CheckedModule(factory, subject.inputs)]
    }

    /// The encoder, with a linear layer of the given width on top; nil if the plugin is not an encoder.
    private static func encoder(_ subject: ConformanceSubject, features: Int? = nil) throws -> (any Encoder)? {
        guard subject.declaration.type is any Encoder.Type else { return nil }
        return try subject.make(features.map { [("features", .int($0))] } ?? []) as? any Encoder
    }

    /// The network with the fresh weights of a seed. Modules that a recipe gave to it are copied with their weights.
    func module(seed: Int = 1) throws -> Module {
        try WeightSeed.apart(seed: seed) { try factory.makeWithCopies() }
    }

    /// The output for the input.
    func output(of module: Module) throws -> Tensor { try module(inputs[0], Array(inputs.dropFirst())) }

    /// Whether the gradient of a weight may be 0 or missing.
    func mayHaveNoGradient(_ name: String) -> Bool { (factory as? any Encoder)?.mayHaveNoGradient(name) ?? false }
}
