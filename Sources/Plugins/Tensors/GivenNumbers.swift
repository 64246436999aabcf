import Kit

/// The input of a plot or a player: a tensor, or nested lists of numbers.
struct GivenNumbers: OptionConvertible {
    let tensor: Tensor

    static var optionTypeName: String { "tensor or list of numbers" }

    init(option: OptionValue) throws {
        switch option {
        case .object(let tensor as Tensor): self.tensor = tensor.detached()
        // `kit.plot.image { x, width = 100 }`: the list part of the options.
        case .list(let values) where values.count == 1:
            if case .object(let tensor as Tensor) = values[0] {
                self.tensor = tensor.detached()
            } else {
                self.tensor = try Tensor(nested: option)
            }
        case .list(let values) where !values.isEmpty: self.tensor = try Tensor(nested: option)
        default: throw OptionMismatch(expected: "a \(Self.optionTypeName)")
        }
        guard tensor.count > 0 else { throw OptionMismatch(expected: "a \(Self.optionTypeName) that is not empty") }
    }

    var optionValue: OptionValue { .object(tensor) }
    var optionText: String { "tensor \(tensor.shape)" }

    /// The tensor with exactly `rank` axes: leading axes of extent 1 are dropped, missing ones at the end added.
    func tensor(rank: Int, expected: String) throws -> Tensor {
        var extents = tensor.shape.extents
        while extents.count > rank, extents[0] == 1 { extents.removeFirst() }
        while extents.count < rank { extents.append(1) }
        guard extents.count == rank else {
            throw KitError.usage("expected \(expected), but the tensor's shape is \(tensor.shape)")
        }
        return try tensor.reshaped(Shape(extents))
    }
}
