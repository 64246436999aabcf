import Kit

/// `kit.check(kit.loss.mine)`: runs the checks that every plugin must pass.
struct CheckPlugin: Function, CalledWithArguments {
    static let name = "check"
    static let arguments = ["plugin", "input"]
    static let summary =
        "Checks a plugin like the kit's own: documentation, options and, by its kind, gradients, shapes, batches "
        + "and so on. Returns a report; a fault is an error. Give a head or a layer an input to check what it computes, and an "
        + "encoder one if it does not take any extents."
    static let reference = "The conformance checks of this kit."

    @Param(
        "A constructor, such as kit.loss.nt_xent; a plugin, to check it with other options than the defaults; or a name."
    )
    var plugin: OptionValue
    @Param(
        "A tensor, or a list of them, that a head or a layer is called with, or an encoder instead of an input of its own.",
        from: .ours)
    var input: OneOrMore<Tensor>? = nil

    init() {}

    func construct() throws -> Any {
        let inputs = input?.values ?? []
        let named = try subject()
        guard inputs.isEmpty || named.declaration.type is any ModuleFactory.Type else {
            throw KitError.usage(
                "option 'input' is for encoders, heads and layers, but \(named.declaration.qualifiedName) makes its own "
                    + "inputs")
        }
        let report = try ConformanceSubject(named.declaration, options: named.options, inputs: inputs).check()
        guard report.faults.isEmpty else {
            throw KitError.usage("\(report.plugin): \(report.faults.joined(separator: "\n  "))")
        }
        return CheckReport(report)
    }

    private func subject() throws -> ConformanceSubject {
        switch plugin {
        case .object(let constructor as PluginConstructor): return ConformanceSubject(constructor.declaration)
        case .object(let plugin as any Plugin):
            return ConformanceSubject(plugin.declaration, options: PluginRecord(plugin).options)
        case .object(let module as Module):
            guard let factory = module.factory else { break }
            return ConformanceSubject(factory.declaration, options: PluginRecord(factory).options)
        case .string(let name):
            let words = name.split(separator: ".").map(String.init).drop { $0 == "kit" }
            guard words.count == 2 else { break }
            return ConformanceSubject(try PluginRegistry.shared.find(kind: words[words.startIndex], name: words.last!))
        default: break
        }
        throw KitError.usage(
            "option 'plugin' must be a plugin, its constructor or a name such as \"loss.nt_xent\", "
                + "but is \(plugin.givenText)")
    }
}

/// A report without faults, for printing.
private final class CheckReport: ScriptObject {
    static let scriptTypeName = "report of checks"
    static let scriptSummary = "The checks of a plugin."

    private let report: ConformanceReport
    init(_ report: ConformanceReport) { self.report = report }

    var scriptDescription: String { report.text }
    var scriptLine: String { "\(report.plugin): \(counted(report.outcomes.count, "check")) passed" }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(CheckPlugin.self) }
