import Foundation
import KitCore
import KitModel
import KitTensor

extension ConformanceCheck {
    static let encoderOutput = ConformanceCheck(
        "output", "The output has the stated width, also with 'features' through one linear layer, and is finite."
    ) { subject in
        let forms = try forms(subject)
        guard let trunk = forms.first else { return nil }
        var faults: [String] = []
        for encoder in forms {
            let width = encoder.features ?? encoder.trunkFeatures
            let module = try module(encoder)
            for isTraining in [true, false] {
                module.train(isTraining)
                let output = try module(input(of: encoder))
                if output.shape != [2, width] { faults.append("it gives \(output.shape), not [2, \(width)]") }
                if output.nonFiniteCount > 0 { faults.append("the output is not finite") }
            }
            if encoder.outputFeatures != width {
                faults.append("outputFeatures is \(encoder.outputFeatures), not \(width)")
            }
            if !module.summary.contains("\(width)") { faults.append("\"\(module.summary)\" does not say \(width)") }
        }
        if let whole = forms.dropFirst().first {
            let more = try module(whole).parameterCount - module(trunk).parameterCount
            let layer = trunk.trunkFeatures * 7 + 7
            if more != layer { faults.append("'features' = 7 adds \(more) weights, not a linear layer's \(layer)") }
        }
        return faults
    }

    static let encoderGradients = ConformanceCheck(
        "backward", "All weights are registered under different names and get a finite gradient that is not zero."
    ) { subject in
        let faults = try forms(subject).compactMap { try gradientFaults(of: $0) }
        return faults.isEmpty ? nil : faults.flatMap { $0 }
    }

    /// The faults of an encoder's weights; nil if it has none, registered or not.
    private static func gradientFaults(of encoder: any Encoder) throws -> [String]? {
        let module = try module(encoder)
        // Scales that start at 0, as in the last batch norm of a residual branch, would block all gradients.
        for (_, tensor) in module.namedParameters() where tensor.values.allSatisfy({ $0 == 0 }) {
            tensor.pointer.update(repeating: 0.5, count: tensor.count)
        }
        let output = try module(input(of: encoder))
        guard module.parameterCount > 0 || output.needsGrad else { return nil }
        let known = Set(module.namedParameters().map { ObjectIdentifier($0.tensor) })
        var faults = output.trainedSources.filter { !known.contains(ObjectIdentifier($0)) }.map {
            "the output depends on a weight \($0.shape) that is not registered: it would be neither trained nor saved"
        }
        let names = Dictionary(module.stateEntries().map { ($0.name, 1) }, uniquingKeysWith: +)
        faults += names.filter { $0.value > 1 }.keys.sorted().map { "two tensors are registered as '\($0)'" }
        guard output.needsGrad else { return faults + ["the output does not depend on any registered weight"] }
        var random = RandomStream(seed: 6)
        try output.backward(from: .uniform(output.shape, -1, 1, &random))
        func faultsOfGradients() -> [String] {
            module.namedParameters().compactMap { name, tensor in
                guard let gradient = tensor.grad else { return "\(name) gets no gradient" }
                if gradient.nonFiniteCount > 0 { return "the gradient of \(name) is not finite" }
                let isZero = gradient.values.allSatisfy { $0 == 0 }
                return isZero && !encoder.mayHaveNoGradient(name) ? "the gradient of \(name) is 0" : nil
            }
        }
        // Dropout and drop path leave out other weights each time.
        var piece = 0
        while piece < 4, !faultsOfGradients().isEmpty {
            let output = try StepRandom.apart(piece: piece) { try module(input(of: encoder)) }
            try output.backward(from: .uniform(output.shape, -1, 1, &random))
            piece += 1
        }
        return faults + faultsOfGradients()
    }

    static let encoderBits = ConformanceCheck(
        "bits", "The same seed gives the same bits on one thread and on two; another seed gives other bits."
    ) { subject in
        guard let encoder = try encoder(subject) else { return nil }
        let before = ThreadPool.shared.threadCount
        defer { ThreadPool.shared.threadCount = before }
        var faults: [String] = []
        let runs = try [1, 2].map { threads in
            ThreadPool.shared.threadCount = threads
            let module = try module(encoder)
            // Both runs drop the same values.
            let output = try StepRandom.apart(piece: 0) { try module(input(of: encoder)) }
            var random = RandomStream(seed: 6)
            if output.needsGrad { try output.backward(from: .uniform(output.shape, -1, 1, &random)) }
            let tensors =
                [output] + module.namedParameters().compactMap(\.tensor.grad) + module.namedBuffers().map(\.tensor)
            return tensors.map { $0.values.map(\.bitPattern) }
        }
        if runs[0] != runs[1] { faults.append("two threads give different bits from one") }
        if try module(encoder).parameterCount > 0,
            try module(encoder, seed: 4)(input(of: encoder)).values
                == module(encoder, seed: 5)(input(of: encoder)).values
        {
            faults.append("two seeds give the same weights")
        }
        return faults
    }

    static let encoderWeights = ConformanceCheck("weights", "Weights that were saved and loaded are the same.") {
        subject in
        let faults = try forms(subject).compactMap { try storageFaults(of: $0) }
        return faults.isEmpty ? nil : faults.flatMap { $0 }
    }

    /// The differences after weights were saved and loaded; nil if there are no weights.
    private static func storageFaults(of encoder: any Encoder) throws -> [String]? {
        let (saved, loaded) = (try module(encoder, seed: 3), try module(encoder, seed: 4))
        guard !saved.stateEntries().isEmpty else { return nil }
        _ = try saved(input(of: encoder))  // Moves the running statistics.
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("dubkit-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try saved.saveWeights(to: path)
        try loaded.loadWeights(from: path)
        var faults = zip(saved.stateEntries(), loaded.stateEntries()).compactMap { one, other in
            one.name == other.name && one.tensor.values == other.tensor.values ? nil : "\(one.name) differs"
        }
        for module in [saved, loaded] { module.train(false) }
        if try saved(input(of: encoder)).values != loaded(input(of: encoder)).values {
            faults.append("the output differs: it depends on something that is not registered")
        }
        return faults
    }

    static let encoderInputs = ConformanceCheck(
        "inputs", "It takes video or log-mel; inputs of other shapes are refused with the names of the axes."
    ) {
        subject in
        guard let encoder = try encoder(subject) else { return nil }
        let expected = encoder.expectedInput.description
        let isOfClips = [.video, .logMel].contains(encoder.expectedInput.content)
        let faults = isOfClips ? [] : ["it takes \(expected), which no clip has: expected .video or .logMel"]
        let module = try module(encoder)
        let right = input(of: encoder).shape.extents
        let wrong = [
            right.dropLast() + [right.last! + 1], [1] + right, Array(right.dropFirst()), [0] + right.dropFirst(),
        ]
        return faults
            + wrong.compactMap { extents in
                let shape = Shape(Array(extents))
                do {
                    _ = try module(Tensor.zeros(shape))
                    return "it takes \(shape)"
                } catch let error as KitError where error.kind == .usage {
                    let isClear = error.message.contains(expected) && error.message.contains("given [")
                    return isClear ? nil : "the message should name \(expected): \(error.message)"
                } catch { return "\(shape): \(error)" }
            }
    }

    /// The encoder and, if it has the option 'features', the encoder with a linear layer of 7; empty if the plugin is
    /// not an encoder.
    private static func forms(_ subject: ConformanceSubject) throws -> [any Encoder] {
        let whole = subject.takes("features") ? try encoder(subject, features: 7) : nil
        return try [encoder(subject), whole].compactMap { $0 }
    }

    /// The encoder, with a linear layer of the given width on top; nil if the plugin is not an encoder.
    private static func encoder(_ subject: ConformanceSubject, features: Int? = nil) throws -> (any Encoder)? {
        guard subject.declaration.type is any Encoder.Type else { return nil }
        return try subject.make(features.map { [("features", .int($0))] } ?? []) as? any Encoder
    }

    private static func module(_ encoder: any Encoder, seed: Int = 1) throws -> Module {
        try WeightSeed.apart(seed: seed) { try encoder.make() }
    }

    /// A valid batch of two for the encoder: small, with odd extents.
    private static func input(of encoder: any Encoder) -> Tensor {
        let isVideo = encoder.expectedInput.content == .video
        let extents = encoder.expectedInput.axes.map { axis in
            axis.size ?? ["batch": 2, "time": isVideo ? 5 : 67, "mel": 96][axis.name] ?? 65
        }
        var random = RandomStream(seed: 5)
        return .uniform(Shape(extents), -1, 1, &random)
    }
}
