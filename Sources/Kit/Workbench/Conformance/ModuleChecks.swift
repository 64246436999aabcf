import Foundation
import KitCore
import KitModel
import KitTensor

/// Checks of networks: encoders, and heads and layers for which there is an input.
extension ConformanceCheck {
    static let moduleGradients = ConformanceCheck(
        "backward",
        "All weights are registered under different names, and those that are trained get a finite gradient that is not zero."
    ) { subject in
        let faults = try CheckedModule.all(of: subject).compactMap { try gradientFaults(of: $0) }
        return faults.isEmpty ? nil : faults.flatMap { $0 }
    }

    /// The faults of a network's weights; nil if it has none, registered or not.
    private static func gradientFaults(of network: CheckedModule) throws -> [String]? {
        let module = try network.module()
        // Scales that start at 0, as in the last batch norm of a residual branch, would block all gradients.
        for (_, tensor) in module.namedParameters() where tensor.values.allSatisfy({ $0 == 0 }) {
            tensor.pointer.update(repeating: 0.5, count: tensor.count)
        }
        let output = try network.output(of: module)
        guard module.parameterCount > 0 || output.needsGrad else { return nil }
        let known = Set(module.namedParameters().map { ObjectIdentifier($0.tensor) })
        var faults = output.trainedSources.filter { !known.contains(ObjectIdentifier($0)) }.map {
            "the output depends on a weight \($0.shape) that is not registered: it would be neither trained nor saved"
        }
        let names = Dictionary(module.stateEntries().map { ($0.name, 1) }, uniquingKeysWith: +)
        faults += names.filter { $0.value > 1 }.keys.sorted().map { "two tensors are registered as '\($0)'" }
        guard module.trainedCount > 0 || output.needsGrad else { return faults }
        guard output.needsGrad else { return faults + ["the output does not depend on any registered weight"] }
        var random = RandomStream(seed: 6)
        try output.backward(from: .uniform(output.shape, -1, 1, &random))
        func faultsOfGradients() -> [String] {
            module.namedParameters().filter(\.tensor.requiresGrad).compactMap { name, tensor in
                guard let gradient = tensor.grad else {
                    return network.mayHaveNoGradient(name) ? nil : "\(name) gets no gradient"
                }
                if gradient.nonFiniteCount > 0 { return "the gradient of \(name) is not finite" }
                let isZero = gradient.values.allSatisfy { $0 == 0 }
                return isZero && !network.mayHaveNoGradient(name) ? "the gradient of \(name) is 0" : nil
            }
        }
        // Dropout and drop path leave out other weights each time.
        var piece = 0
        while piece < 4, !faultsOfGradients().isEmpty {
            let output = try StepRandom.apart(piece: piece) { try network.output(of: module) }
            try output.backward(from: .uniform(output.shape, -1, 1, &random))
            piece += 1
        }
        return faults + faultsOfGradients()
    }

    static let moduleBits = ConformanceCheck(
        "bits",
        "The same seed and step give the same bits on one thread and on two; another seed gives other weights."
    ) { subject in
        guard let network = try CheckedModule.all(of: subject).first else { return nil }
        let runs = try onOneAndTwoThreads {
            let module = try network.module()
            // Both runs drop the same values.
            let output = try StepRandom.apart(piece: 0) { try network.output(of: module) }
            var random = RandomStream(seed: 6)
            if output.needsGrad { try output.backward(from: .uniform(output.shape, -1, 1, &random)) }
            return [output] + module.namedParameters().compactMap(\.tensor.grad) + module.namedBuffers().map(\.tensor)
        }
        var faults: [String] = []
        if runs[0] != runs[1] { faults.append("two threads, or two calls, give different bits") }
        let isEncoder = network.factory is any Encoder
        if isEncoder, try network.module().parameterCount > 0,
            try network.output(of: network.module(seed: 4)).values
                == network.output(of: network.module(seed: 5)).values
        {
            faults.append("two seeds give the same weights")
        }
        return faults
    }

    static let moduleEvaluation = ConformanceCheck(
        "evaluation",
        "In evaluation mode nothing is random, and nothing depends on earlier calls: two give the same bits."
    ) { subject in
        let faults = try CheckedModule.all(of: subject).map { network -> [String] in
            let module = try network.module()
            _ = try network.output(of: module)  // Moves the running statistics.
            module.train(false)
            let outputs = try (0..<2).map { piece in
                try StepRandom.apart(piece: piece) { bits(of: [try network.output(of: module)]) }
            }
            return outputs[0] == outputs[1] ? [] : ["two calls in evaluation mode give different outputs"]
        }
        return faults.isEmpty ? nil : faults.flatMap { $0 }
    }

    static let moduleWeights = ConformanceCheck("weights", "Weights that were saved and loaded are the same.") {
        subject in
        let faults = try CheckedModule.all(of: subject).compactMap { try storageFaults(of: $0) }
        return faults.isEmpty ? nil : faults.flatMap { $0 }
    }

    /// The differences after weights were saved and loaded; nil if there are no weights.
    private static func storageFaults(of network: CheckedModule) throws -> [String]? {
        let (saved, loaded) = (try network.module(seed: 3), try network.module(seed: 4))
        guard !saved.stateEntries().isEmpty else { return nil }
        _ = try network.output(of: saved)  // Moves the running statistics.
        try copy(saved, to: loaded)
        var faults = zip(saved.stateEntries(), loaded.stateEntries()).compactMap { one, other in
            one.name == other.name && one.tensor.values == other.tensor.values ? nil : "\(one.name) differs"
        }
        for module in [saved, loaded] { module.train(false) }
        if try network.output(of: saved).values != network.output(of: loaded).values {
            faults.append("the output differs: it depends on something that is not registered")
        }
        return faults
    }

    /// Saves the weights and buffers of a module to a file and loads them into another.
    static func copy(_ saved: Module, to loaded: Module) throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("dubkit-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try saved.saveWeights(to: path)
        try loaded.loadWeights(from: path)
    }

    /// The bits of the tensors that `body` makes, on one thread and then on two.
    static func onOneAndTwoThreads(_ body: () throws -> [Tensor]) rethrows -> [[[UInt32]]] {
        let before = ThreadPool.shared.threadCount
        defer { ThreadPool.shared.threadCount = before }
        return try [1, 2].map { threads in
            ThreadPool.shared.threadCount = threads
            return bits(of: try body())
        }
    }

    private static func bits(of tensors: [Tensor]) -> [[UInt32]] { tensors.map { $0.values.map(\.bitPattern) } }
}
