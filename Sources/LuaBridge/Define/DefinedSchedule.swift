import Kit

/// A learning rate schedule written in Lua.
final class DefinedSchedule: Schedule, DefinedPlugin {
    static let functions = [
        (
            name: "factor",
            help: """
            Called as factor(step, total, options) for every step of the run, counted from 0 to total - 1; returns \
            the factor of the learning rate.
            """
        )
    ]

    let definition: Definition
    private init(_ definition: Definition) { self.definition = definition }
    static func make(_ definition: Definition) -> any DefinedPlugin { DefinedSchedule(definition) }

    func factor(step: Int, of total: Int) throws -> Double {
        let result = try definition.call(.int(step), .int(total))
        guard let factor = try? Double(option: result), factor.isFinite, factor >= 0 else {
            throw definition.mismatch("a number that is 0 or more", result.givenText)
        }
        return factor
    }
}

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(DefinePlugin<DefinedSchedule>.self) }
