import Foundation
import Kit

/// Weights that Swift tests and Python reference scripts make by the same formula, from names and shapes.
public enum FormulaWeights {
    /// Fills a module by the formula of `Tests/Oracle/formula.py`, by PyTorch's names and shapes, through a weights
    /// file.
    public static func fill(_ module: Module) throws {
        try Fixtures.withTemporaryFolder { folder in
            let items = module.stateEntries().map { entry -> SafetensorsWriter.Item in
                let (name, shape) = (entry.name, entry.storedShape)
                if name.hasSuffix("num_batches_tracked") { return .init(name, Tensor(0), as: .i64) }
                if name.hasSuffix("running_mean") || name.hasSuffix("bias") {
                    return .init(name, Pattern.tensor(name, shape, -0.1, 0.1))
                }
                if shape.rank == 1 { return .init(name, Pattern.tensor(name, shape, 0.5, 1.5)) }
                let bound = (6 / Double(shape.count / shape[0])).squareRoot()
                return .init(name, Pattern.tensor(name, shape, -bound, bound))
            }
            let path = folder.appendingPathComponent("formula.safetensors").path
            try SafetensorsWriter.write(items, to: path)
            try module.loadWeights(from: path)
        }
    }
}
