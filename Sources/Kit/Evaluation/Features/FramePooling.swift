import KitCore
import KitTensor

/// How the frames or tokens of an item become one vector.
public enum FramePooling: String, CaseIterable, ChoiceOption, Sendable {
    case mean, max
    /// Both side by side: twice the width.
    case meanMax = "mean_max"
}

extension FeatureSet {
    /// The same rows with one vector each. Rows without frames stay as they are.
    public func pooled(_ pooling: FramePooling) throws -> FeatureSet {
        guard let frames else { return self }
        let width = values.shape[1]
        let result = Tensor(uninitialized: [ids.count, pooling == .meanMax ? 2 * width : width])
        try MemoryShortage.check()
        var start = 0
        for (row, count) in frames.enumerated() {
            let (x, y) = (values.pointer + start * width, result.pointer + row * result.shape[1])
            for column in 0..<width {
                let mean = (0..<count).reduce(0.0) { $0 + Double(x[$1 * width + column]) } / Double(count)
                let most = (0..<count).reduce(-Float.infinity) { Swift.max($0, x[$1 * width + column]) }
                y[column] = pooling == .max ? most : Float(mean)
                if pooling == .meanMax { y[width + column] = most }
            }
            start += count
        }
        return try FeatureSet(view: view, ids: ids, films: films, values: result, encoder: encoder)
    }
}
