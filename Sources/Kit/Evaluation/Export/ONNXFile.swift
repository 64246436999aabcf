import KitCore
import KitTensor

/// A graph with the names of its axes as an ONNX file (opset 17).
struct ONNXFile {
    static let opset = 17
    /// The version of the file format that opset 17 came with.
    private static let version = 8
    /// The most that a message of Protocol Buffers can hold.
    private static let largest = 1 << 31 - 1

    /// An axis with its name; its extent is nil if it may be any.
    typealias Axis = (name: String, extent: Int?)

    let graph: Graph
    let name: String
    let input: [Axis]
    let output: [Axis]
    let metadata: [(key: String, value: String)]
    let summary: String

    /// Writes the file, which appears under its name when it is complete, and returns its bytes.
    func write(to path: String) throws -> Int {
        let model = try message()
        guard model.count <= Self.largest else {
            throw KitError.usage("\(path): \(counted(model.count, "byte")), but an ONNX file holds at most 2 GiB")
        }
        let file = try AtomicFile(path, expectedBytes: model.count)
        try model.write(file.write)
        try file.commit()
        return model.count
    }

    private func message() throws -> ProtobufMessage {
        var operators = ProtobufMessage()
        operators.add(2, Self.opset)
        var model = ProtobufMessage()
        model.add(1, Self.version)
        model.add(2, "dubkit")
        model.add(6, summary)
        model.add(7, graphMessage())
        model.add(8, operators)
        for (key, value) in metadata {
            var entry = ProtobufMessage()
            entry.add(1, key)
            entry.add(2, value)
            model.add(14, entry)
        }
        return model
    }

    private func graphMessage() -> ProtobufMessage {
        var message = ProtobufMessage()
        for node in graph.nodes { message.add(1, self.message(of: node)) }
        message.add(2, name)
        for (edge, constant) in graph.constants.sorted(by: { $0.key < $1.key }) {
            message.add(5, tensor(graph.names[edge], constant))
        }
        message.add(11, value(graph.names[graph.inputs[0].edge], input))
        message.add(12, value(graph.names[graph.outputs[0].edge], output))
        return message
    }

    private func message(of node: Graph.Node) -> ProtobufMessage {
        var message = ProtobufMessage()
        for input in node.inputs { message.add(1, graph.names[input]) }
        message.add(2, graph.names[node.output])
        message.add(3, node.name)
        message.add(4, node.op)
        for (name, value) in node.attributes {
            var attribute = ProtobufMessage()
            attribute.add(1, name)
            // The last field is the type.
            switch value {
            case .float(let number):
                attribute.add(2, number)
                attribute.add(20, 1)
            case .int(let number):
                attribute.add(3, number)
                attribute.add(20, 2)
            case .string(let text):
                attribute.add(4, text)
                attribute.add(20, 3)
            case .ints(let numbers):
                for number in numbers { attribute.add(8, number) }
                attribute.add(20, 7)
            }
            message.add(5, attribute)
        }
        return message
    }

    private func tensor(_ name: String, _ constant: Graph.Constant) -> ProtobufMessage {
        var message = ProtobufMessage()
        for extent in constant.extents { message.add(1, extent) }
        let (floatType, wholeType) = (1, 7)
        switch constant {
        case .floats(let tensor, let order):
            message.add(2, floatType)
            message.add(8, name)
            message.add(9, tensor, order: order)
        case .ints(let values, _):
            message.add(2, wholeType)
            message.add(8, name)
            message.add(9, values.flatMap { value in withUnsafeBytes(of: Int64(value).littleEndian) { Array($0) } })
        }
        return message
    }

    private func value(_ name: String, _ axes: [Axis]) -> ProtobufMessage {
        var shape = ProtobufMessage()
        for (name, extent) in axes {
            var axis = ProtobufMessage()
            if let extent { axis.add(1, extent) } else { axis.add(2, name) }
            shape.add(1, axis)
        }
        var tensor = ProtobufMessage()
        tensor.add(1, 1)
        tensor.add(2, shape)
        var type = ProtobufMessage()
        type.add(1, tensor)
        var message = ProtobufMessage()
        message.add(1, name)
        message.add(2, type)
        return message
    }
}
