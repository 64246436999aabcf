import Foundation
import Synchronization

/// The number of threads for ops: `DUBKIT_THREADS`, else `OMP_NUM_THREADS`, else one for each core that this process
/// may use.
public enum ThreadCount {
    /// The machine's number of cores.
    public static let cores = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))

    /// The maximum: more threads would only wait for each other, and each takes memory.
    public static let most = max(64, 4 * cores)

    /// The number from the environment, or else that of the cores that this process may use. `checkEnvironment` has
    /// refused invalid values.
    static let `default`: Int = {
        guard let asked = try? asked() else { return usable }
        return min(asked, most)
    }()

    /// The number of cores that a launcher bound this process to. If it is not bound, its part of the machine's cores,
    /// which it shares with the other processes of its group there.
    static let usable: Int = {
        let bound = ProcessInfo.processInfo.activeProcessorCount
        return max(1, bound < cores ? bound : cores / localProcesses.load(ordering: .relaxed))
    }()

    private static let localProcesses = Atomic(1)

    /// Divides the cores among the processes of a group on this machine. Call it before the first work on several threads.
    package static func share(among processes: Int) { localProcesses.store(max(1, processes), ordering: .relaxed) }

    /// Has programs that this process starts use as many threads as this one.
    package static func inherit() { setenv("DUBKIT_THREADS", String(`default`), 1) }

    /// Throws if a variable is not a valid number of threads.
    ///
    /// - Returns: a notice for the user if more threads are asked for than are used.
    public static func checkEnvironment() throws -> String? {
        guard let asked = try asked(), asked > most else { return nil }
        return "\(asked) threads were asked for, but only \(most) are used, the maximum for \(cores) cores"
    }

    private static func asked() throws -> Int? {
        if let text = variable("DUBKIT_THREADS") { return try number(text, "DUBKIT_THREADS") }
        // A list has a number for each level of nested loops; the first is for the outermost.
        guard let list = variable("OMP_NUM_THREADS") else { return nil }
        let first = list.split(separator: ",", omittingEmptySubsequences: false).first.map(String.init) ?? ""
        return try number(first, "OMP_NUM_THREADS", given: list)
    }

    private static func number(_ text: String, _ variable: String, given: String? = nil) throws -> Int {
        guard let count = Int(text.filter { $0 != " " }), count > 0 else {
            throw KitError(
                .configuration,
                "environment variable \(variable) must be a number of threads from 1 to \(most), but is \"\(given ?? text)\""
            )
        }
        return count
    }

    /// Nil if it is not set or empty, which is how a shell unsets it for one command.
    private static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
}
