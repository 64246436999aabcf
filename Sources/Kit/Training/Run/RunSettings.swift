import KitCore

/// How a run was asked for: what the command line says besides the recipe's own keys.
public struct RunSettings {
    /// Which earlier run to resume, if any.
    public enum Resume: Equatable, Sendable {
        case never
        /// The newest run of the same name that is not finished; a fresh one if there is none.
        case newest
        /// The run in this folder, or the newest of those in it.
        case folder(String)
    }

    /// The recipe's file; nil when training is started by other means.
    public var recipe: String?
    /// The command line, word by word.
    public var command: [String]
    /// The folder that holds all runs.
    public var runsFolder: String
    public var resume: Resume
    public var progress: RunLog.Progress
    /// -1 for quiet, 0, 1 and more for verbose.
    public var verbosity: Int
    /// Whether to measure what the ops of some steps take.
    public var profiles: Bool
    /// How many shards a batch is cut into, if the recipe does not say; nil for as many as there are processes.
    public var shards: Int?

    public init(
        recipe: String? = nil, command: [String] = [], runsFolder: String = "runs", resume: Resume = .never,
        progress: RunLog.Progress = .auto, verbosity: Int = 0, profiles: Bool = false,
        shards: Int? = nil
    ) {
        self.recipe = recipe
        self.command = command
        self.runsFolder = runsFolder
        self.resume = resume
        self.progress = progress
        self.verbosity = verbosity
        self.profiles = profiles
        self.shards = shards
    }
}

extension Session {
    /// What the command line says besides the recipe's own keys.
    public var settings: RunSettings {
        get { self[SettingsPart.self].value }
        set { self[SettingsPart.self].value = newValue }
    }
}

private final class SettingsPart: SessionPart, @unchecked Sendable {
    var value = RunSettings()
}
