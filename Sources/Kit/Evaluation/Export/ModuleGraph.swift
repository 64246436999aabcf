import KitCore
import KitModel
import KitTensor

/// A module in evaluation mode as a graph for other programs.
///
/// The module runs twice, with inputs of different extents. Whatever is the same both times is a constant of the graph,
/// and whatever follows the input's extents stays open. A module that does not allow other extents along an axis, such as
/// one with a table of positions, keeps that axis fixed.
package struct ModuleGraph {
    package let graph: Graph
    /// The names of the input's axes, and its extents; nil for an axis that may have any.
    package let input: [(name: String, extent: Int?)]
    /// The extents of the output.
    package let output: [Int?]
    /// Why axes that could be open are fixed; nil if none is.
    package let limit: String?

    /// - Parameters:
    ///   - module: maps one tensor to another.
    ///   - axes: the names of the input's axes, batch first.
    ///   - extents: the extents that fixed axes get; that of the batch is ignored.
    ///   - open: the axes besides the batch that may be open: sets of axes, of which the first that works is taken.
    ///   - input, output: the names of the graph's input and output.
    package init(
        _ module: Module, axes: [String], extents: [Int], open: [[Int]], input: String, output: String
    ) throws {
        func drawn(_ batch: Int, _ changed: [Int]) throws -> Graph {
            var own = [batch] + extents.dropFirst()
            for axis in changed { own[axis] = Self.other(extents[axis], axis) }
            return try Self.draw(module, Shape(own), seed: batch, input, output)
        }
        let first = try drawn(2, [])
        var found: (graph: Graph, second: Graph, changed: [Int])?
        var limit: String?
        for changed in open where found == nil {
            do {
                let second = try drawn(3, changed)
                found = (try first.withOpenExtents(second), second, changed)
            } catch let mismatch as GraphMismatch {
                limit = limit ?? mismatch.reason
            } catch let error as KitError where error.kind == .usage {
                limit = limit ?? error.message
            }
        }
        if found == nil {
            let second = try drawn(3, [])
            do { found = (try first.withOpenExtents(second), second, []) } catch let mismatch as GraphMismatch {
                throw KitError.usage("\(module.summary) cannot be exported: \(mismatch.reason)")
            }
        }
        let (graph, second, changed) = found!
        self.graph = graph
        self.limit = limit
        self.input = axes.indices.map { (axes[$0], $0 == 0 || changed.contains($0) ? nil : extents[$0]) }
        self.output = zip(first.outputs[0].extents, second.outputs[0].extents).map { $0 == $1 ? $0 : nil }
    }

    /// Another extent for the second drawing; different ones for neighbouring axes.
    private static func other(_ extent: Int, _ axis: Int) -> Int {
        let step = 32 * (1 + axis % 2)
        return extent > 2 * step ? extent - step : extent >= 8 ? extent - 1 - extent / 4 : 2 * extent + 2
    }

    private static func draw(
        _ module: Module, _ shape: Shape, seed: Int, _ input: String, _ output: String
    ) throws -> Graph {
        let modules = module.namedModules("")
        let tape = GraphTape(
            modules: Dictionary(
                modules.map { (ObjectIdentifier($0.module), String($0.name.drop { $0 == "." })) },
                uniquingKeysWith: { first, _ in first }),
            tensors: module.namedParameters() + module.namedBuffers())
        var random = RandomStream(seed: seed)
        let sample = Tensor.normal(shape, &random)
        return try ProductPrecision.float32.used {
            try Module.evaluating([module]) { try tape.draw(sample, named: input, output: output) { try module($0) } }
        }
    }
}
