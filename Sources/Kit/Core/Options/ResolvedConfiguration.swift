import Glibc

/// The keys of a recipe with their values, and where each value came from.
///
/// The command fills in what it was given (`key=value`, the user's file, flags) and starts a `Session` with it before it runs
/// a recipe; `kit.recipe` declares the keys; the run folder and `--print-config` show `entries`.
/// Precedence: command line, environment (`DUBKIT_<KEY>`), recipe, user's file, default.
public final class ResolvedConfiguration {
    /// Who gave a value, strongest first.
    public enum Origin: String, CaseIterable, Sendable {
        case commandLine = "command line"
        case environment
        case recipe
        case userFile = "user file"
        case standard = "default"
    }

    /// A key as the recipe declares it.
    public struct Declaration {
        public let key: String
        public let value: OptionValue
        /// Whether the value is but a default, which the user's file outranks.
        public let isDefault: Bool
        public let help: String?
        public let provenance: Provenance?
        /// The only values that it may have, for a string or a list of them.
        public let choices: [String]?

        public init(
            _ key: String, _ value: OptionValue, isDefault: Bool = false, help: String? = nil,
            from provenance: Provenance? = nil, choices: [String]? = nil
        ) {
            self.choices = choices
            self.key = key
            self.value = value
            self.isDefault = isDefault
            self.help = help
            self.provenance = provenance
        }
    }

    /// A key with the value that won.
    public struct Entry {
        public let declaration: Declaration
        public let value: OptionValue
        public let origin: Origin

        public var key: String { declaration.key }
        /// Where the value itself comes from; nil if whoever runs the recipe chose it, or the recipe does not say.
        public var provenance: Provenance? {
            origin == .recipe || origin == .standard ? declaration.provenance : nil
        }
    }

    /// `key=value` and `--set key=value`, in the order given; the last one for a key wins.
    public let overrides: [(key: String, text: String)]
    /// What the user's own file sets, for all recipes: keys that a recipe does not declare are passed over.
    public let userFile: [(key: String, value: OptionValue)]
    /// `--dry-run`: build and check everything, train nothing.
    public let isDryRun: Bool
    /// `--print-config`: end the run once the keys are resolved.
    public let stopsWhenResolved: Bool
    /// Whether `kit.recipe` may be called again, as at the prompt.
    public let isInteractive: Bool
    /// All keys, in the order of declaration; empty until `declare`.
    public private(set) var entries: [Entry] = []
    private var isDeclared = false
    private let environment: (String) -> String?

    public init(
        overrides: [(key: String, text: String)] = [], userFile: [(key: String, value: OptionValue)] = [],
        isDryRun: Bool = false, stopsWhenResolved: Bool = false, isInteractive: Bool = false,
        environment: @escaping (String) -> String? = { getenv($0).map { String(cString: $0) } }
    ) {
        self.overrides = overrides
        self.userFile = userFile
        self.isDryRun = isDryRun
        self.stopsWhenResolved = stopsWhenResolved
        self.isInteractive = isInteractive
        self.environment = environment
    }

    /// "batch=32" as a key and a text.
    public static func parseOverride(_ argument: String) throws -> (key: String, text: String) {
        let parts = argument.parts(separatedBy: "=", maxSplits: 1, omittingEmpty: false)
        guard parts.count == 2, !parts[0].isEmpty else {
            throw KitError.usage("a key of the recipe is set with key=value, but was given '\(argument)'")
        }
        return (parts[0], parts[1])
    }

    /// Resolves the keys of a recipe. Throws on an override of no such key or of another type.
    public func declare(_ declarations: [Declaration]) throws {
        guard !isDeclared || isInteractive else {
            throw KitError.usage("was already called: a recipe declares its keys once")
        }
        let seed = Declaration("seed", .int(0), isDefault: true, help: "Seed of all randomness.", from: .ours)
        let declarations = declarations.contains { $0.key == "seed" } ? declarations : declarations + [seed]
        let keys = declarations.map(\.key)
        if let unknown = overrides.first(where: { !keys.contains($0.key) }) {
            throw KitError.usage(
                "\(unknown.key)=\(unknown.text): the recipe has no key '\(unknown.key)'"
                    + "\(NearestName.hint(unknown.key, in: keys)) (it has: \(keys.joined(separator: ", ")))")
        }
        entries = try declarations.map(resolve)
        isDeclared = true
    }

    /// Throws if keys were set from outside though the recipe declares none.
    public func requireDeclared() throws {
        guard !isDeclared, let override = overrides.first else { return }
        throw KitError.usage(
            "\(override.key)=\(override.text): this recipe declares no keys (it does not call kit.recipe)")
    }

    public subscript(key: String) -> Entry? { entries.first { $0.key == key } }

    /// The key `seed` of the recipe; 0 before it declares its keys.
    public var seed: Int {
        guard case .int(let seed)? = self["seed"]?.value else { return 0 }
        return seed
    }

    /// The keys as text, one a line: value, where it came from, provenance, help.
    public var report: String {
        TextTable.text(
            entries.map { entry in
                [
                    "\(entry.key) = \(entry.value.optionText)",
                    entry.origin.rawValue + (entry.provenance.map { ", \($0.rawValue)" } ?? ""),
                    entry.declaration.help ?? "",
                ]
            })
    }

    private func resolve(_ declaration: Declaration) throws -> Entry {
        let key = declaration.key
        if let override = overrides.last(where: { $0.key == key }) {
            let place = "\(key)=\(override.text)"
            let value = try Self.parse(override.text, like: declaration.value, place)
            return try Self.entry(declaration, value, .commandLine, place)
        }
        let variable = "DUBKIT_\(key.uppercased())"
        if let text = environment(variable) {
            let place = "environment variable \(variable)=\(text)"
            let value = try Self.parse(text, like: declaration.value, place)
            return try Self.entry(declaration, value, .environment, place)
        }
        if declaration.isDefault, let own = userFile.last(where: { $0.key == key }) {
            let place = "'\(key)' in the user's configuration file"
            let value = try Self.convert(own.value, like: declaration.value, place)
            return try Self.entry(declaration, value, .userFile, place)
        }
        return try Self.entry(
            declaration, declaration.value, declaration.isDefault ? .standard : .recipe, "key '\(key)'")
    }

    /// An entry whose value is one of the choices, if there are any.
    private static func entry(
        _ declaration: Declaration, _ value: OptionValue, _ origin: Origin, _ place: String
    ) throws -> Entry {
        guard let choices = declaration.choices else {
            return Entry(declaration: declaration, value: value, origin: origin)
        }
        let items = if case .list(let items) = value { items } else { [value] }
        for item in items {
            if case .string(let word) = item, choices.contains(word) { continue }
            throw KitError.usage(OptionMismatch(item, isNoneOf: choices).message("\(place):", item))
        }
        return Entry(declaration: declaration, value: value, origin: origin)
    }

    /// Reads a text as the type of the declared value; a list is separated by commas.
    private static func parse(_ text: String, like model: OptionValue, _ place: String) throws -> OptionValue {
        switch model {
        case .bool where text == "true" || text == "false": return .bool(text == "true")
        case .int: if let value = Int(text) { return .int(value) }
        case .number:
            // Infinity is a number that an option may take; "0x10" is none, as for integers.
            if let value = Double(text), !value.isNaN, !text.lowercased().contains("x") { return .number(value) }
        case .string: return .string(text)
        case .list(let models):
            guard !text.isEmpty else { return .list([]) }
            let items = text.parts(separatedBy: ",", omittingEmpty: false)
            return .list(try items.map { try parse($0, like: models.first ?? .string(""), place) })
        default: break
        }
        throw KitError.usage("\(place): must be \(expected(model))")
    }

    /// Checks that a value has the type of the declared one; an integer will do for a number.
    private static func convert(_ value: OptionValue, like model: OptionValue, _ place: String) throws -> OptionValue {
        switch (value, model) {
        case (.bool, .bool), (.int, .int), (.number, .number), (.string, .string): return value
        case (.int(let integer), .number): return .number(Double(integer))
        case (.list(let values), .list(let models)):
            return .list(try values.map { try convert($0, like: models.first ?? $0, place) })
        default: throw KitError.usage("\(place): must be \(expected(model)), but is \(value.givenText)")
        }
    }

    private static func expected(_ model: OptionValue) -> String {
        switch model {
        case .bool: "true or false"
        case .int: "an integer"
        case .number: "a number"
        case .string: "a string"
        case .list(let models): models.first.map { "a list, each item \(expected($0))" } ?? "a list"
        default: "set in the recipe (it is no plain value)"
        }
    }
}
