import KitCore
import KitTensor

/// The input that a module expects: its axes by name, with the extents that are fixed.
public struct ExpectedInput {
    /// "video", "log-mel", "features".
    public let noun: String
    public let axes: [(name: String, size: Int?)]

    /// - Parameters:
    ///   - noun: the kind of tensor: "video", "features".
    ///   - axes: the axes in order, each with its extent, or nil for any.
    public init(_ noun: String, _ axes: [(name: String, size: Int?)]) {
        self.noun = noun
        self.axes = axes
    }

    /// video [batch, time, height, width, channels].
    public static func video(channels: Int) -> ExpectedInput {
        ExpectedInput(
            "video", [("batch", nil), ("time", nil), ("height", nil), ("width", nil), ("channels", channels)])
    }

    /// log-mel [batch, time, mel, channels].
    public static func logMel(channels: Int) -> ExpectedInput {
        ExpectedInput("log-mel", [("batch", nil), ("time", nil), ("mel", nil), ("channels", channels)])
    }

    /// features [batch, features].
    public static func features(_ width: Int) -> ExpectedInput {
        ExpectedInput("features", [("batch", nil), ("features", width)])
    }

    /// "video [batch, time, height, width, channels 3]".
    public var description: String {
        let names = axes.map { axis in axis.size.map { "\(axis.name) \($0)" } ?? axis.name }
        return "\(noun) [\(names.joined(separator: ", "))]"
    }

    /// Throws an error with the expected and the given shape unless the tensor fits and no axis is empty.
    public func check(_ tensor: Tensor, for name: String) throws {
        let fits =
            tensor.shape.rank == axes.count
            && zip(axes, tensor.shape.extents).allSatisfy { axis, extent in extent == (axis.size ?? max(1, extent)) }
        guard fits else {
            throw KitError.usage("\(name): expected \(description), given \(tensor.shape)")
        }
    }
}
