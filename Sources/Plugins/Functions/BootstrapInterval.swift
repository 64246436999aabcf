import Kit

@section("dubkit_plugins") @used private let entry: PluginEntry = { registerPlugin(BootstrapInterval.self) }

/// `kit.bootstrap(function(items) return share(items) end, { groups = speakers })`.
struct BootstrapInterval: Function, CalledWithArguments {
    static let name = "bootstrap"
    static let summary =
        "The value of a statistic of items and its interval by the bootstrap: calls a function with lists of items' places, "
        + "counted from 1, first all of them and then random draws with replacement of whole groups. Returns a table with "
        + "value, low and high."
    static let reference = "The percentile bootstrap, Efron 1979."
    static let returns: any OptionConvertible.Type = Options.self
    static let arguments = ["statistic"]

    @Param("Called with a list of places; returns a number, or nil if the statistic is not defined for it.")
    var statistic: ObjectOption<any ScriptFunction>
    @Param("The film, recording or speaker of each item: a list of strings. Whole groups are drawn.")
    var groups: [String]
    @Param("Number of draws.", in: 1...1_000_000, from: .ours) var resamples: Int = 1000
    @Param("The share of the draws within the interval.", in: 0.01...0.9999, from: .ours) var level: Double = 0.95
    @Param("Seed of the draws.", from: .ours) var seed: Int = 0

    func construct() throws -> Any {
        guard !groups.isEmpty else { throw KitError.usage("option 'groups' is empty: there are no items") }
        guard let value = try value(of: Array(groups.indices)) else {
            throw KitError.usage("the statistic of all items is nil: it must be a number")
        }
        let members = Dictionary(grouping: groups.indices, by: { groups[$0] }).sortedByBytes(of: \.key).map(\.value)
        var bootstrap = Bootstrap(resamples: resamples, level: level, seed: seed)
        // Lua runs on one thread.
        bootstrap.isSerial = true
        var fault: (any Error)?
        let interval = bootstrap.interval(members) { items in
            guard fault == nil else { return nil }
            do {
                try Interrupt.check()
                return try self.value(of: items)
            } catch {
                fault = error
                return nil
            }
        }
        if let fault { throw fault }
        let bounds = interval.map { [("low", OptionValue.number($0.low)), ("high", .number($0.high))] } ?? []
        return OptionValue.table(Options(named: [("value", .number(value))] + bounds))
    }

    private func value(of items: [Int]) throws -> Double? {
        let result = try statistic.object.call([.list(items.map { .int($0 + 1) })])
        if case .null = result { return nil }
        guard let number = try? Double(option: result) else {
            throw KitError.usage("the statistic must be a number or nil, but is \(result.givenText)")
        }
        return number
    }
}
