import Glibc
import Kit

/// A fresh process of a command, from start to end.
final class Start: Workload {
    private let command: [String]

    init(_ spec: Spec) throws { command = try spec.get("command") }

    func check() throws -> [String: [Float]] { [:] }

    /// Not by Foundation's `Process`, which looks for the end of a process only every few hundredths of a second.
    func run() throws -> Double {
        var files = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&files)
        defer { posix_spawn_file_actions_destroy(&files) }
        for output in [STDOUT_FILENO, STDERR_FILENO] {
            posix_spawn_file_actions_addopen(&files, output, "/dev/null", O_WRONLY, 0)
        }
        var arguments = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var (process, status) = (pid_t(), Int32())
        let taken = try seconds {
            let failure = posix_spawn(&process, command[0], &files, nil, &arguments, environ)
            guard failure == 0 else {
                throw KitError(.internalFault, "cannot start \(command[0]): \(String(cString: strerror(failure)))")
            }
            waitpid(process, &status, 0)
        }
        guard status == 0 else {
            throw KitError(.internalFault, "\(command.joined(separator: " ")) ended with status \(status)")
        }
        return taken
    }

    var peakMemory: Double { peakResidentSet(of: RUSAGE_CHILDREN) }
}
