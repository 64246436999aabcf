import Glibc

/// The keys of a recipe with their values and the origin of each.
///
/// The command fills in `key=value` arguments, the user's file and flags, and starts a `Session` with them before it
/// runs a recipe. `kit.recipe` declares the keys. The run folder and `--print-config` show `entries`. Precedence:
/// command line, environment (`DUBKIT_<KEY>`), recipe, user's file, default.
public final class ResolvedConfiguration {
    /// Who gave a value, strongest first.
    public enum Origin: String, CaseIterable, Sendable {
        case commandLine = "command line"
        case environment
        case recipe
        case userFile = "user file"
        case `default` = "default"
    }

    /// A key with its final value.
    public struct Entry {
        public let declaration: Declaration
        public let value: OptionValue
        public let origin: Origin

        public var key: String { declaration.key }
        /// The provenance of the value; nil if the user chose it or the recipe does not say.
        public var provenance: Provenance? {
            origin == .recipe || origin == .default ? declaration.provenance : nil
        }
    }

    /// `key=value` and `--set key=value`, in the order given; the last one for a key wins.
    public let overrides: [(key: String, text: String)]
    /// The settings of the user's file, for all recipes. Keys that a recipe does not declare are ignored.
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

    /// Resolves the keys of a recipe. Throws on an override of an unknown key or of the wrong type.
    public func declare(_ declarations: [Declaration]) throws {
        guard !isDeclared || isInteractive else {
            throw KitError.usage("was already called: a recipe declares its keys once")
        }
        let seed = Declaration("seed", .int(0), isDefault: true, help: "Seed of all randomness.", from: .ours)
        let declarations = declarations.contains { $0.key == "seed" } ? declarations : declarations + [seed]
        let keys = declarations.map(\.key)
        if let unknown = overrides.first(where: { given in !declarations.contains { $0.isCalled(given.key) } }) {
            throw KitError.usage(
                "\(unknown.key)=\(unknown.text): the recipe has no key '\(unknown.key)'"
                    + "\(ForeignOptions.hint(unknown.key, in: keys)) (it has: \(keys.joined(separator: ", ")))")
        }
        entries = try declarations.map(resolve)
        isDeclared = true
    }

    /// Throws if keys were set from outside but the recipe declares none.
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

    /// The keys as text, one per line: value, origin, provenance, help.
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
        if let override = overrides.last(where: { declaration.isCalled($0.key) }) {
            if override.key != key { FormerNames.notice("key '\(override.key)'", isNow: key) }
            return try declaration.entry(parsing: override.text, .commandLine, "\(override.key)=\(override.text)")
        }
        for name in [key, declaration.formerKey].compactMap({ $0 }) {
            let variable = "DUBKIT_\(name.uppercased())"
            guard let text = environment(variable) else { continue }
            if name != key { FormerNames.notice(variable, isNow: "DUBKIT_\(key.uppercased())") }
            return try declaration.entry(parsing: text, .environment, "environment variable \(variable)=\(text)")
        }
        if declaration.isDefault, let own = userFile.last(where: { declaration.isCalled($0.key) }) {
            if own.key != key { FormerNames.notice("key '\(own.key)' of the user's configuration file", isNow: key) }
            return try declaration.entry(own.value, .userFile, "'\(own.key)' in the user's configuration file")
        }
        return Entry(
            declaration: declaration, value: declaration.value, origin: declaration.isDefault ? .default : .recipe)
    }
}
