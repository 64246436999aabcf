import Foundation
import Kit

/// Weights that Swift tests and Python reference scripts make by the same formula, from names and shapes.
public enum FormulaWeights {
    /// Fills a module by the formula of `Tests/Oracle/formula.py`, by PyTorch's names and shapes, through a weights
    /// file. The prefix belongs to the names in the formula, but not to those in the module.
    public static func fill(_ module: Module, prefix: String = "") throws {
        try Fixtures.withTemporaryFolder { folder in
            let items = module.stateEntries().map { entry -> SafetensorsWriter.Item in
                let (file, name, shape) = (entry.name, prefix + entry.name, entry.storedShape)
                if name.hasSuffix("num_batches_tracked") { return .init(file, Tensor(0), as: .i64) }
                if name.hasSuffix("running_mean") || name.hasSuffix("bias") {
                    return .init(file, Pattern.tensor(name, shape, -0.1, 0.1))
                }
                if shape.rank == 1 { return .init(file, Pattern.tensor(name, shape, 0.5, 1.5)) }
                let bound = (6 / Double(shape.count / shape[0])).squareRoot()
                return .init(file, Pattern.tensor(name, shape, -bound, bound))
            }
            let path = folder.appendingPathComponent("formula.safetensors").path
            try SafetensorsWriter.write(items, to: path)
            try module.loadWeights(from: path)
        }
    }
}
