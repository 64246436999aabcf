import KitCore
import KitTensor

/// A training objective: two batches of embeddings in, one scalar out.
public protocol Loss: TrainingObjective {
    /// - Parameters:
    ///   - a: [batch, features], the first view of each clip.
    ///   - b: [batch, features], the second view, in the same order.
    /// - Returns: a scalar to minimise.
    func callAsFunction(_ a: Tensor, _ b: Tensor) throws -> Tensor

    /// The inputs that no gradient reaches, "a" or "b": of losses that stop it themselves, as BYOL's at its target. The
    /// conformance checks expect a gradient for all others. None by default.
    var inputsWithoutGradient: [String] { get }
}

extension Loss {
    public var inputsWithoutGradient: [String] { [] }

    /// Checks the two batches of a loss. Every loss should call it first.
    ///
    ///     func callAsFunction(_ a: Tensor, _ b: Tensor) throws -> Tensor {
    ///         try checkViews(a, b)
    ///
    /// Throws a `KitError` of kind `.usage` that names the loss and both shapes, unless they are batches of embeddings of one
    /// shape [batch, features] with enough rows.
    ///
    /// - Parameters:
    ///   - a: the first view.
    ///   - b: the second view.
    ///   - least: the smallest batch that the loss is defined for.
    ///   - reason: why a smaller batch does not work; shown if `least` is above 1.
    public func checkViews(
        _ a: Tensor, _ b: Tensor, least: Int = 1, since reason: String = "the other clips are the negatives"
    ) throws {
        guard a.shape.rank == 2, a.shape == b.shape, a.shape[1] > 0 else {
            throw KitError.usage(
                "\(declaration.name): expected two batches of embeddings of one shape [batch, features], "
                    + "given \(a.shape) and \(b.shape)")
        }
        guard a.shape[0] >= least else {
            let why = least > 1 ? ", since \(reason)" : ""
            throw KitError.usage(
                "\(declaration.name): expected a batch of at least \(least)\(why), "
                    + "given \(a.shape.described(by: ["batch", "features"]))")
        }
    }
}
