import KitCore
import KitTensor

/// The input that a module expects: its axes by name, with the extents that are fixed.
public struct ExpectedInput {
    /// The kind of data in a tensor.
    public enum Content: Equatable, Sendable {
        /// The frames of a clip.
        case video
        /// The spectrogram of one of its tracks.
        case logMel
        /// A tensor that is not made from a clip: "features", "sequence".
        case other(String)
    }

    public let content: Content
    public let axes: [(name: String, size: Int?)]

    private init(_ content: Content, _ axes: [(name: String, size: Int?)]) {
        self.content = content
        self.axes = axes
    }

    /// An input that is not made from clips. Encoders take `video` or `logMel`.
    ///
    /// - Parameters:
    ///   - noun: the kind of tensor, for messages: "features".
    ///   - axes: the axes in order, each with its extent, or nil for any.
    public init(_ noun: String, _ axes: [(name: String, size: Int?)]) { self.init(.other(noun), axes) }

    /// video [batch, time, height, width, channels].
    public static func video(channels: Int) -> ExpectedInput {
        ExpectedInput(
            .video, [("batch", nil), ("time", nil), ("height", nil), ("width", nil), ("channels", channels)])
    }

    /// log-mel [batch, time, mel, channels].
    ///
    /// - Parameters:
    ///   - mels: the number of bands; nil for any number.
    ///   - channels: the number of channels: 2 for stereo.
    public static func logMel(mels: Int? = nil, channels: Int) -> ExpectedInput {
        ExpectedInput(.logMel, [("batch", nil), ("time", nil), ("mel", mels), ("channels", channels)])
    }

    /// features [batch, features].
    public static func features(_ width: Int) -> ExpectedInput {
        ExpectedInput("features", [("batch", nil), ("features", width)])
    }

    /// "video [batch, time, height, width, channels 3]".
    public var description: String {
        let names = axes.map { axis in axis.size.map { "\(axis.name) \($0)" } ?? axis.name }
        let noun =
            switch content {
            case .video: "video"
            case .logMel: "log-mel"
            case .other(let noun): noun
            }
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
