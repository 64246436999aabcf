import Foundation

/// Open MPI's launcher, as Debian installs it. Tests that need it are skipped where it is missing.
public enum Launcher {
    private static let program = URL(fileURLWithPath: "/usr/bin/mpirun")
    public static var isThere: Bool { FileManager.default.isExecutableFile(atPath: program.path) }

    private static let environment = [
        "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "DUBKIT_THREADS": "1",
    ]

    /// Starts `dubkit` on some ranks with one thread each; one rank is started without the launcher.
    public static func start(_ ranks: Int, _ words: [String]) throws -> Command {
        guard ranks > 1 else { return try Command(words, environment: environment) }
        return try start(words, on: Array(repeating: [:], count: ranks))
    }

    /// Starts `dubkit` on one rank for each set of environment variables.
    public static func start(_ words: [String], on ranks: [[String: String]]) throws -> Command {
        let parts = ranks.map { variables in
            ["-n", "1"] + variables.flatMap { ["-x", "\($0.key)=\($0.value)"] } + [Command.program.path] + words
        }
        return try Command(
            ["--oversubscribe", "--bind-to", "none"] + Array(parts.joined(separator: [":"])), program: program,
            environment: environment)
    }
}
