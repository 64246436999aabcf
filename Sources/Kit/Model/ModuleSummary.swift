import KitCore
import KitTensor

/// The layers of a module with their output shapes, trained values and multiplications, for one input.
///
/// MACs (multiply-accumulate operations) are counted while the ops run, for matrix products and convolutions. Norms,
/// activations and pools are not counted.
public final class ModuleSummary {
    public let output: Shape
    public let parameterCount: Int
    /// The number of values of the parameters that are not frozen.
    public let trainedCount: Int
    /// The MACs of the whole module.
    public let macs: Double
    private let input: Shape
    private let tree: ModuleTree

    /// Runs the module once in evaluation mode, without gradients.
    public init(_ module: Module, _ input: Tensor) throws {
        let modules = module.namedModules("")
        let names = Dictionary(modules.map { (ObjectIdentifier($0.module), $0.name) }) { first, _ in first }
        let profiler = Profiler(names: names)
        let (outer, wasTraining) = (Profiler.active, modules.map(\.module.isTraining))
        defer {
            Profiler.active = outer
            for (item, isTraining) in zip(modules, wasTraining) { item.module.train(isTraining) }
        }
        module.train(false)
        Profiler.active = profiler
        output = try Autograd.noGrad { try module(input).shape }
        var counts: [String: Double] = [:]
        for span in profiler.spans where span.flops > 0 {
            // The work of a layer also counts for all modules around it.
            var name = span.layer[...]
            counts["", default: 0] += span.flops / 2
            while let dot = name.lastIndex(of: ".") {
                counts[String(name), default: 0] += span.flops / 2
                name = name[..<dot]
            }
        }
        self.input = input.shape
        parameterCount = module.parameterCount
        trainedCount = module.trainedCount
        macs = counts["", default: 0]
        tree = ModuleTree(
            module,
            macs: Dictionary(modules.map { (ObjectIdentifier($0.module), counts[$0.name] ?? 0) }) {
                first, _ in first
            })
    }

    /// The table, down to the given level of nested modules.
    public func text(levels: Int = .max) -> String { "\(title)\n\(tree.text(depth: levels))" }

    private var title: String {
        let frozen = parameterCount == trainedCount ? "" : " (\(grouped(parameterCount - trainedCount)) frozen)"
        return
            "\(counted(parameterCount, "parameter"))\(frozen), \(ModuleTree.millions(macs)) for \(input) -> \(output)"
    }
}

extension ModuleSummary: ScriptObject {
    public static var scriptTypeName: String { "summary" }
    public static var scriptSummary: String {
        "The layers of a module with output shapes, values of parameters and MACs; its fields are parameters, trained, macs and output."
    }
    public static var scriptMethods: [ScriptMethod] {
        [
            ScriptMethod(
                "text", on: ModuleSummary.self, "The table as text: all levels of nested modules, or some.",
                ScriptArgument("levels", Int?.self), returns: String.self
            ) { summary, levels in summary.text(levels: max(0, levels ?? .max)) }
        ]
    }
    public static var scriptFields: [ScriptField] {
        [
            ScriptField("parameters", on: ModuleSummary.self, Int.self) { $0.parameterCount },
            ScriptField("trained", on: ModuleSummary.self, Int.self) { $0.trainedCount },
            ScriptField("macs", on: ModuleSummary.self, Double.self) { $0.macs },
            ScriptField("output", on: ModuleSummary.self, [Int].self) { $0.output.extents },
        ]
    }
    public var scriptDescription: String { text() }
    public var scriptDisplay: String { "\(title)\n\(tree.text(lines: 40))" }
}

@section("dubkit_script_types") @used private let entry: PluginEntry = { registerScriptType(ModuleSummary.self) }
