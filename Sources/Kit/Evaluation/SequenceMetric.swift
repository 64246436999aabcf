import KitCore

/// A measure of how far recognised words or phones are from the spoken ones: `kit.metric.word_error_rate {}`.
public protocol SequenceMetric: Plugin, ScriptObject {
    /// The units of a text, or the units that are given one by one, as they are compared.
    func units(of given: OptionValue) throws -> [String]
}

/// Counts of one or several items.
public struct SequenceErrors: Equatable, Sendable {
    /// Substitutions, deletions and insertions.
    public var edits: Int
    /// Units that were spoken.
    public var spoken: Int

    public init(edits: Int, spoken: Int) { (self.edits, self.spoken) = (edits, spoken) }

    /// The counts of one item: the least number of edits that turn one sequence into the other (Levenshtein's distance).
    public init<Unit: Equatable>(_ recognised: [Unit], _ spoken: [Unit]) {
        var row = Array(0...spoken.count)
        for (index, unit) in recognised.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for place in spoken.indices {
                let cost = diagonal + (spoken[place] == unit ? 0 : 1)
                diagonal = row[place + 1]
                row[place + 1] = min(cost, diagonal + 1, row[place] + 1)
            }
        }
        self.init(edits: row[spoken.count], spoken: spoken.count)
    }

    /// The edits of all items for each spoken unit of all items; nil if nothing is spoken.
    public static func rate(_ items: some Sequence<SequenceErrors>) -> Double? {
        let (edits, spoken) = items.reduce((0, 0)) { ($0.0 + $1.edits, $0.1 + $1.spoken) }
        return spoken > 0 ? Double(edits) / Double(spoken) : nil
    }
}

extension SequenceMetric {
    public static var kind: String { "metric" }
    public static var scriptTypeName: String { "metric" }
    public static var scriptSummary: String { "A measure of how far recognised words are from the spoken ones." }
    public static var scriptMethods: [ScriptMethod] {
        [
            ScriptMethod(
                "__call", on: (any SequenceMetric).self,
                "The error rate of a list of recognised texts against the list of the spoken ones: substitutions, deletions "
                    + "and insertions of all items for each spoken unit of all items. It can exceed 1.",
                ScriptArgument("recognised", [OptionValue].self), ScriptArgument("spoken", [OptionValue].self),
                returns: Double.self
            ) { metric, recognised, spoken in try metric.rate(recognised, spoken) }
        ]
    }
    public var scriptDescription: String { settings }

    /// The error rate of items. Throws if the lists differ in length or nothing is spoken.
    public func rate(_ recognised: [OptionValue], _ spoken: [OptionValue]) throws -> Double {
        let name = declaration.name
        guard recognised.count == spoken.count else {
            throw KitError.usage(
                "\(name): expected a recognised text for each of the \(spoken.count) spoken ones, given \(recognised.count)"
            )
        }
        let items = try zip(recognised, spoken).map { SequenceErrors(try units(of: $0), try units(of: $1)) }
        guard let rate = SequenceErrors.rate(items) else {
            throw KitError(.badData, "\(name): every spoken text is empty, so the error rate is not defined")
        }
        return rate
    }

    /// The units of a list of strings or numbers, or the words of a text between white space.
    public func plainUnits(of given: OptionValue) throws -> [String] {
        switch given {
        case .string(let text): return text.split(whereSeparator: \.isWhitespace).map(String.init)
        case .list(let units) where units.allSatisfy({ if case .list = $0 { false } else { true } }):
            return try units.map { unit in
                switch unit {
                case .string(let text): return text
                case .int(let number): return "\(number)"
                default: break
                }
                throw KitError.usage(
                    "\(declaration.name): a unit must be a string or an integer, but is \(unit.givenText)")
            }
        default:
            throw KitError.usage(
                "\(declaration.name): an item must be a text or a list of units, but is \(given.givenText)")
        }
    }
}
