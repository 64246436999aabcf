/// What an op keeps of an input until backward: the data, or how they follow from other data, where that is known.
///
/// The output of a normalisation is a pass over its input, which is kept anyway; keeping the output too would nearly
/// double the memory of a network that alternates convolutions and normalisations.
struct Saved {
    private enum Form {
        case values(Tensor), map(ChannelMap)
    }
    private let form: Form

    init(_ tensor: Tensor) { form = tensor.map.map(Form.map) ?? .values(tensor.detached()) }

    /// Without history.
    func restored() -> Tensor {
        switch form {
        case .values(let tensor): tensor
        case .map(let map): Tensor(map)
        }
    }
}
