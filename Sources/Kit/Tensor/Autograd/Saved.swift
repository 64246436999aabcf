import KitCore

/// What an op keeps of a tensor until backward: the data, or how they follow from other data, where that is known.
///
/// The output of a normalisation is a pass over its input, which is kept anyway; keeping the output too would nearly
/// double the memory of a network that alternates convolutions and normalisations.
struct Saved {
    private let values: Values
    private let function: ChannelMap.Function?

    /// - Parameter isIntermediate: whether an op made it, so that nobody else keeps it; if nil, whether it was recorded.
    init(_ tensor: Tensor, isIntermediate: Bool? = nil) {
        function = tensor.map?.function
        values =
            tensor.map.map { Values($0.source, isIntermediate: true, for: $0) }
            ?? Values(tensor.detached(), isIntermediate: isIntermediate ?? (tensor.node != nil))
    }

    private init(_ values: Values) {
        self.values = values
        function = nil
    }

    /// What a map's values follow from, kept with them.
    var source: Saved { Saved(values) }

    /// Without history.
    func restored() -> Tensor {
        let tensor = values.restored()
        return function.map { Tensor(ChannelMap(tensor, $0)) } ?? tensor
    }

    private enum Values {
        case wide(Tensor), narrow(NarrowStorage, offset: Int, shape: Shape)

        init(_ tensor: Tensor, isIntermediate: Bool, for map: ChannelMap? = nil) {
            if isIntermediate, Autograd.savesInBFloat16 {
                self = .narrow(.of(tensor, for: map), offset: tensor.offset, shape: tensor.shape)
            } else {
                self = .wide(tensor)
            }
        }

        func restored() -> Tensor {
            switch self {
            case .wide(let tensor): tensor
            case .narrow(let storage, let offset, let shape): Tensor(storage.wide(), offset: offset, shape: shape)
            }
        }
    }
}

extension Autograd {
    private static let narrow = ThreadFlag()

    /// Whether ops keep activations for backward in bfloat16 on this thread.
    static var savesInBFloat16: Bool { narrow.isSet && isRecording && !isTracing }

    /// Runs `body`; convolutions, normalisations and activations in it keep what they need of each other's results until
    /// backward in bfloat16, eight significant bits instead of 24: half the memory. Results keep their bits; gradients
    /// differ by the rounding of what they are computed from. Parameters and data are kept as they are.
    public static func savingInBFloat16<Result>(_ body: () throws -> Result) rethrows -> Result {
        try narrow.with(true, body)
    }
}
