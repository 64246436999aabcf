import Foundation
import KitCore

/// How this process was started: alone, or with others by a launcher.
public enum Launch {
    /// The seconds that a rank waits for another rank by default.
    public static let standardDeadline = 600.0

    /// The group of processes that a launcher started, or this process alone.
    ///
    /// Throws if a launcher started several processes that cannot find each other: each would do all the work and write
    /// the same files.
    public static func group(
        deadline: Double = standardDeadline, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> any ProcessGroup {
        guard let launcher = launcher(environment) else { return OneProcess() }
        let group = try MPIGroup(deadline: deadline)
        if group.size == 1, launcher.count > 1 {
            group.end(KitError.Kind.configuration.rawValue)
            throw KitError(
                .configuration,
                "\(launcher.name) started \(counted(launcher.count, "process", "processes")), but Open MPI sees only one: \(launcher.advice)"
            )
        }
        guard group.size > 1 else { return OneProcess() }
        ThreadCount.share(among: group.processesByHost[group.hosts[group.rank]] ?? 1)
        leaveChildrenAlone()
        return group
    }

    /// Programs that this process starts are not of the group, and get its number of threads.
    private static func leaveChildrenAlone() {
        ThreadCount.inherit()
        let ofLauncher = ["OMPI_COMM_WORLD_", "OMPI_MCA_orte_", "OMPI_MCA_ess", "OMPI_MCA_pmix", "PMIX_", "PMI_"]
        for name in ProcessInfo.processInfo.environment.keys
        where name == "SLURM_STEP_NUM_TASKS" || ofLauncher.contains(where: name.hasPrefix) {
            unsetenv(name)
        }
    }

    /// Throws if a launcher started several processes for work that only one process can do.
    public static func requireOneProcess(
        for what: String, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws {
        guard let launcher = launcher(environment), launcher.count > 1 else { return }
        throw KitError.usage(
            "\(what) runs in one process, but \(launcher.name) started \(launcher.count): start it without a launcher, which is for 'dubkit run' and 'dubkit embed'"
        )
    }

    /// The launcher that started this process, the number of processes, and advice for when they cannot find each
    /// other; nil if no launcher did.
    private static func launcher(_ environment: [String: String]) -> (name: String, count: Int, advice: String)? {
        func number(_ name: String) -> Int { environment[name].flatMap { Int($0) } ?? 0 }
        if number("OMPI_COMM_WORLD_SIZE") > 0 {
            return ("mpirun", number("OMPI_COMM_WORLD_SIZE"), "is this the mpirun of the Open MPI that the kit opens?")
        }
        if environment["PMI_SIZE"] != nil, environment["SLURM_STEP_ID"] == nil {
            return ("a launcher like MPICH's", number("PMI_SIZE"), "start them with Open MPI's mpirun")
        }
        // A batch script also runs in a step, but as a single task.
        if environment["SLURM_STEP_ID"] != nil, number("SLURM_STEP_NUM_TASKS") > 1 {
            return ("srun", number("SLURM_STEP_NUM_TASKS"), "start them with srun --mpi=pmix, or with mpirun")
        }
        return nil
    }
}
