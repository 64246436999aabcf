import KitCore

/// What an op keeps of a tensor until backward: its values, or how to compute them from other values, if that is known.
///
/// The output of a normalisation can be computed from its input, which is kept anyway. Keeping the output too would
/// nearly double the memory of a network that alternates convolutions and normalisations.
struct Saved {
    private let values: Values
    private let function: ChannelMap.Function?

    /// - Parameter isIntermediate: whether an op computed the tensor, so that nothing else keeps it; if nil, whether it
    ///   was recorded.
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

    /// The input of a map, kept with it.
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
    static var savesInBFloat16: Bool {
        (narrow.isSet || ProductPrecision.current == .bfloat16) && isRecording && !isTracing
    }

    /// Runs `body`. Its convolutions, normalisations and activations keep intermediate results for backward in
    /// bfloat16, with eight significant bits instead of 24, in half the memory. Results have the same bits; gradients
    /// differ by the rounding of the kept values. Parameters and data are kept unchanged.
    public static func savingInBFloat16<Result>(_ body: () throws -> Result) rethrows -> Result {
        try narrow.with(true, body)
    }
}
