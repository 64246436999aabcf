import KitCore
import KitTensor

/// The form of a module's tensor in a weights file, which follows PyTorch.
public enum StoredForm: Equatable, Sendable {
    /// With its axes in this order: axis i of the file is axis `order[i]` here.
    case axes([Int])
    /// As a whole number: a counter.
    case counter

    /// Convolution weights: [out, kernel..., in / groups] here, [out, in / groups, kernel...] in PyTorch.
    public static func convolution(rank: Int) -> StoredForm { .axes([0, rank - 1] + (1..<rank - 1)) }

    func storedShape(_ shape: Shape) -> Shape {
        switch self {
        case .axes(let order): Shape(order.map { shape[$0] })
        case .counter: shape
        }
    }

    /// The tensor as the file has it.
    func stored(_ tensor: Tensor) throws -> Tensor {
        guard case .axes(let order) = self, order != Array(0..<order.count) else { return tensor }
        return try Autograd.noGrad { try tensor.permuted(order) }
    }

    /// The tensor as the module has it.
    func restored(_ stored: Tensor) throws -> Tensor {
        guard case .axes(let order) = self else { return stored }
        let inverse = order.indices.map { axis in order.firstIndex(of: axis) ?? axis }
        return inverse == Array(order.indices) ? stored : try Autograd.noGrad { try stored.permuted(inverse) }
    }
}

/// A parameter or buffer of a module, with its full name and its form in files.
public struct StateEntry {
    public let name: String
    public let tensor: Tensor
    let form: StoredForm
    /// How it is a table of positions, if it is one.
    let positions: PositionTable?

    /// The shape in a file.
    public var storedShape: Shape { form.storedShape(tensor.shape) }

    /// The item for the writer.
    public func stored() throws -> SafetensorsWriter.Item {
        .init(name, try form.stored(tensor), as: form == .counter ? .i64 : .f32)
    }

    /// Another tensor of this one's shape, such as its gradient, with its axes as in a file.
    public func stored(_ like: Tensor) throws -> Tensor { try form.stored(like) }

    /// Whether it is a table of positions that a file has with another length.
    func hasOtherLength(_ stored: Shape) -> Bool {
        stored != storedShape && positions?.differsInLength(stored, from: storedShape) == true
    }

    /// Whether a tensor of this shape in a file can be loaded.
    func takes(_ stored: Shape, _ resizing: PositionResizing?) -> Bool {
        stored == storedShape || resizing != nil && hasOtherLength(stored)
    }

    /// The tensor of a file with this one's shape.
    func fitted(_ stored: Tensor, _ resizing: PositionResizing?, in path: String) throws -> Tensor {
        guard let resizing, let positions, stored.shape != storedShape || resizing.changes(positions) else {
            return stored
        }
        do {
            return try Autograd.noGrad { try resizing.resized(stored, to: storedShape, positions) }
        } catch let error as KitError { throw error.prefixed("\(path): '\(name)'") }
    }

    /// Overwrites the tensor's elements with those from a file.
    func load(_ stored: Tensor) throws {
        let restored = try form.restored(stored)
        tensor.pointer.update(from: restored.pointer, count: tensor.count)
        withExtendedLifetime(restored) {}
    }
}
