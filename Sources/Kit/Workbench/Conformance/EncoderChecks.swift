import KitCore
import KitModel
import KitTensor

extension ConformanceCheck {
    static let encoderOutput = ConformanceCheck(
        "output", "The output has the stated width, also with 'features' through one linear layer, and is finite."
    ) { subject in
        guard subject.declaration.type is any Encoder.Type else { return nil }
        let networks = try CheckedModule.all(of: subject)
        guard let trunk = networks.first?.factory as? any Encoder else { return nil }
        var faults: [String] = []
        for case let (network, encoder as any Encoder) in networks.map({ ($0, $0.factory) }) {
            let width = encoder.features ?? encoder.trunkFeatures
            let module = try network.module()
            for isTraining in [true, false] {
                module.train(isTraining)
                let output = try network.output(of: module)
                if output.shape != [2, width] { faults.append("it gives \(output.shape), not [2, \(width)]") }
                if output.nonFiniteCount > 0 { faults.append("the output is not finite") }
            }
            if encoder.outputFeatures != width {
                faults.append("outputFeatures is \(encoder.outputFeatures), not \(width)")
            }
            if !module.summary.contains("\(width)") { faults.append("\"\(module.summary)\" does not say \(width)") }
        }
        if let whole = networks.dropFirst().first {
            let more = try whole.module().parameterCount - networks[0].module().parameterCount
            let layer = trunk.trunkFeatures * 7 + 7
            if more != layer { faults.append("'features' = 7 adds \(more) weights, not a linear layer's \(layer)") }
        }
        return faults
    }

    static let encoderInputs = ConformanceCheck(
        "inputs", "It takes video or log-mel; inputs of other shapes are refused with the names of the axes."
    ) {
        subject in
        guard subject.declaration.type is any Encoder.Type, let network = try CheckedModule.all(of: subject).first,
            let encoder = network.factory as? any Encoder
        else { return nil }
        let expected = encoder.expectedInput.description
        let isOfClips = [.video, .logMel].contains(encoder.expectedInput.content)
        let faults = isOfClips ? [] : ["it takes \(expected), which no clip has: expected .video or .logMel"]
        let module = try network.module()
        let right = network.inputs[0].shape.extents
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
}
