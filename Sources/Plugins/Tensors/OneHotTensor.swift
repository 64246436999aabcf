import Kit

/// Classes as rows of zeros with a single one.
struct OneHotTensor: TensorMaker {
    static let name = "one_hot"
    static let summary = "Class numbers as rows [items, classes] with 1 at the class, counted from 1, and 0 elsewhere."
    static let reference = "PyTorch's one_hot."

    @Param("The class of each item, counted from 1.", positional: true) var labels: [Int]
    @Param("The number of classes; by default the largest of the labels.", from: .ours) var classes: Int? = nil

    func validate() throws {
        let count = classes ?? labels.max() ?? 0
        guard 0...16_777_216 ~= count else {
            throw KitError.usage("option 'classes' must be 0 to 16777216, but is \(count)")
        }
        for (index, label) in labels.enumerated() where !(1...max(1, count) ~= label) {
            throw KitError.usage("option 'labels': [\(index + 1)] must be a class of 1 to \(count), but is \(label)")
        }
    }

    func make() throws -> Tensor {
        let count = classes ?? labels.max() ?? 0
        let result = Tensor.zeros(try Shape(checking: [labels.count, count], Self.name))
        guard !MemoryShortage.isPending else { return result }
        for (row, label) in labels.enumerated() { result.pointer[row * count + label - 1] = 1 }
        return result
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(OneHotTensor.self) }
