import KitCore

/// The settings of the command line for a run, apart from the recipe's keys.
public struct RunSettings {
    /// Which earlier run to resume, if any.
    public enum Resume: Equatable, Sendable {
        case never
        /// The newest unfinished run of the same name; a new one if there is none.
        case newest
        /// The run in this folder, or the newest run inside it.
        case folder(String)
    }

    /// The recipe's file; nil if training is started in another way.
    public var recipe: String?
    /// The command line, word by word.
    public var command: [String]
    /// The folder that holds all runs.
    public var runsFolder: String
    public var resume: Resume
    public var progress: RunLog.Progress
    /// -1 for quiet, 0 for normal, 1 and more for verbose.
    public var verbosity: Int
    /// Whether to profile the ops of some steps.
    public var profiles: Bool
    /// The number of shards of a batch if the recipe does not set it; nil for one for each process.
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
    /// The settings of the command line, apart from the recipe's keys.
    public var settings: RunSettings {
        get { self[SettingsPart.self].value }
        set { self[SettingsPart.self].value = newValue }
    }
}

private final class SettingsPart: SessionPart, @unchecked Sendable {
    var value = RunSettings()
}
