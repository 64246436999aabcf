import Foundation
import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(Distribute.self) }

/// `kit.distribute(rates, function(rate) return train_with(rate) end)`: independent pieces of work, shared by all processes.
struct Distribute: Function, CalledWithArguments {
    static let name = "distribute"
    static let summary =
        "Calls a function with each item of a list and returns the list of its results. Several processes share the "
        + "items: each works on its own items as if it were alone, so it may train, embed and write files. The results "
        + "are the same on any number of processes: a call's random numbers depend on the recipe's seed and the item's "
        + "place, and the runs that it trains are named after that place (name-piece-3)."
    static let reference = "This kit."
    static var arguments: [String] { ["items", "work"] }

    @Param("The items to call the function with, one by one.") var items: [OptionValue]
    @Param(
        "The function: gets an item and its place in the list, from 1. Returns nil, or a value that JSON can express: a number, "
            + "a string, a boolean, or a table of these that is a list or has names.")
    var work: ObjectOption<any ScriptFunction>

    func construct() throws -> Any {
        guard Shard.current == nil else {
            throw KitError.usage("cannot be called in a step, which all processes work on together")
        }
        let session = Session.current
        let results = try session.processes.distribute(items.count) { index in
            try Interrupt.check()
            return try session.alone {
                try session[RunNames.self].apart(piece: index) {
                    try WeightSeed.apart(piece: index) { try StepRandom.apart(piece: index) { try result(index) } }
                }
            }
        }
        return OptionValue.list(try results.map { try JSONOption.parse(String(decoding: $0, as: UTF8.self)) })
    }

    /// The result of an item as JSON.
    private func result(_ index: Int) throws -> Data {
        let value = try work.object.call([items[index], .int(index + 1)])
        do {
            return try JSONText.compact(JSONOption(plain: value, name: "result \(index + 1)"))
        } catch is EncodingError {
            throw KitError.usage("result \(index + 1) contains a number that is not finite, which JSON cannot express")
        }
    }
}
