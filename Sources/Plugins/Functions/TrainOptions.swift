import Kit

extension RateFactor {
    init(_ option: Either<ObjectOption<any Schedule>, ObjectOption<any ScriptFunction>>) {
        switch option {
        case .first(let schedule): self.init(schedule.object)
        case .second(let function):
            self.init { step, total in
                let result = try function.object.call([.int(step), .int(total)])
                guard let factor = try? Double(option: result) else {
                    throw KitError.usage("schedule: must return a number, but returned \(result.givenText)")
                }
                return factor
            }
        }
    }
}

/// A group of `kit.train`: { "video%.layer[12]", learning_rate = 1e-4, weight_decay = 0 }.
struct TrainGroup: OptionConvertible {
    private let pattern: String
    private let optimizer: ObjectOption<any Optimizer>?
    private let schedule: Either<ObjectOption<any Schedule>, ObjectOption<any ScriptFunction>>?
    /// The options of the optimizer that differ.
    private let options: [(key: String, value: OptionValue)]
    let optionValue: OptionValue

    static var optionTypeName: String { "table" }

    init(option: OptionValue) throws {
        optionValue = option
        let expected = "a table that begins with a pattern, as { \"encoder\", learning_rate = 1e-4 }"
        let table = try? Options(option: option)
        guard let table, table.list.count == 1, case .string(let pattern) = table.list[0] else {
            throw OptionMismatch(expected: expected)
        }
        self.pattern = pattern
        func value<Value: OptionConvertible>(_ key: String, as type: Value.Type) throws -> Value? {
            try table.named.first { $0.key == key }.map { entry in
                try OptionMismatch.naming(".\(key)", entry.value) { try Value(option: $0) }
            }
        }
        optimizer = try value("optimizer", as: ObjectOption<any Optimizer>.self)
        schedule = try value(
            "schedule", as: Either<ObjectOption<any Schedule>, ObjectOption<any ScriptFunction>>.self)
        options = table.named.filter { !["optimizer", "schedule"].contains($0.key) }
    }

    /// - Parameters:
    ///   - base: the optimizer of the run, whose options count where the group gives none.
    ///   - number: the group's number, for messages.
    func group(of base: any Optimizer, number: Int) throws -> ParameterGroup {
        do {
            let own = optimizer?.object ?? base
            let record = PluginRecord(own)
            let others = record.options.named.filter { known in !options.contains { $0.key == known.key } }
            let made = try PluginRecord(
                kind: record.kind, name: record.name, options: Options(named: others + options)
            ).make()
            guard let made = made as? any Optimizer else { throw KitError(.internalFault, "it is not an optimizer") }
            return ParameterGroup(
                try NamePattern(pattern), optimizer: made, factor: schedule.map(RateFactor.init))
        } catch let error as KitError {
            throw error.prefixed("option 'groups'[\(number)]")
        }
    }
}

/// `evaluate = { every = 100, run = f }` of `kit.train`.
struct TrainEvaluation: OptionConvertible {
    let evaluation: OwnEvaluation
    let optionValue: OptionValue

    static var optionTypeName: String { "table" }

    init(option: OptionValue) throws {
        optionValue = option
        let expected = "a table { every = steps, run = function }"
        guard case .table(let table) = option, table.list.isEmpty else { throw OptionMismatch(expected: expected) }
        if let other = table.named.first(where: { !["every", "run"].contains($0.key) }) {
            throw OptionMismatch(expected: "\(expected), without '\(other.key)'")
        }
        func value(_ key: String) -> OptionValue { table.named.first { $0.key == key }?.value ?? .null }
        let every = try OptionMismatch.naming(".every", value("every")) { value in
            guard let number = try? Int(option: value), number > 0 else {
                throw OptionMismatch(expected: "a number of steps of 1 or more")
            }
            return number
        }
        let function = try OptionMismatch.naming(".run", value("run")) {
            try ObjectOption<any ScriptFunction>(option: $0).object
        }
        evaluation = OwnEvaluation(every: every) { step, board in
            let result = try function.call([.int(step), .object(board)])
            guard case .table(let table) = result, table.list.isEmpty else {
                throw KitError.usage(
                    "evaluate: run must return a table of numbers by name, but returned \(result.givenText)")
            }
            return try Self.numbers(table, "")
        }
    }

    /// The numbers of nested tables, with names joined by slashes, in the order of their names.
    private static func numbers(_ table: Options, _ prefix: String) throws -> [(name: String, value: Double)] {
        try table.named.sortedByBytes(of: \.key).flatMap { key, value -> [(name: String, value: Double)] in
            switch value {
            case .table(let inner) where inner.list.isEmpty: return try numbers(inner, "\(prefix)\(key)/")
            case .int(let number): return [("\(prefix)\(key)", Double(number))]
            case .number(let number): return [("\(prefix)\(key)", number)]
            case .object(let tensor as Tensor) where tensor.count == 1:
                return [("\(prefix)\(key)", Double(try tensor.item()))]
            default:
                throw KitError.usage("evaluate: '\(prefix)\(key)' must be a number, but is \(value.givenText)")
            }
        }
    }
}

/// `best = { "accuracy", goal = "max", patience = 5 }` of `kit.train`.
struct TrainBest: OptionConvertible {
    let rule: BestRule
    let optionValue: OptionValue

    static var optionTypeName: String { "string or table" }

    init(option: OptionValue) throws {
        optionValue = option
        let expected = "the name of a value, or a table as { \"accuracy\", goal = \"max\", patience = 5 }"
        let table: Options
        switch option {
        case .string: table = Options(list: [option])
        case .list(let items): table = Options(list: items)
        case .table(let options): table = options
        default: throw OptionMismatch(expected: expected)
        }
        guard table.list.count == 1, case .string(let name) = table.list[0],
            table.named.allSatisfy({ ["goal", "patience"].contains($0.key) })
        else { throw OptionMismatch(expected: expected) }
        func value(_ key: String) -> OptionValue? { table.named.first { $0.key == key }?.value }
        rule = BestRule(
            value: name,
            goal: try value("goal").map { goal in
                try OptionMismatch.naming(".goal", goal) { try BestRule.Goal(option: $0) }
            } ?? .max,
            patience: try value("patience").map { value in
                try OptionMismatch.naming(".patience", value) { value in
                    guard let number = try? Int(option: value), number > 0 else {
                        throw OptionMismatch(expected: "a number of evaluations of 1 or more")
                    }
                    return number
                }
            })
    }
}
