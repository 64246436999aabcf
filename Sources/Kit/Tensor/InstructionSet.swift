import CKernels
import Glibc
import KitCore

/// The instruction set that the kernels use: the best one of the processor, or the one in `DUBKIT_ISA`.
public enum InstructionSet {
    /// Its name, such as "avx2". "baseline" works on every processor of the architecture.
    public static var active: String { String(cString: dk_active.pointee.capabilities.name) }

    /// The names of the instruction sets that this processor supports, best first.
    public static var available: [String] {
        all.filter { !$0.isEmulated && $0.obstacle == nil }.map(\.name)
    }

    /// The names of instruction sets that run on any processor, because the instructions that distinguish them are
    /// emulated. They are slow, for tests, and used only if `use` or `DUBKIT_ISA` names them.
    public static var emulated: [String] { all.filter(\.isEmulated).map(\.name) }

    /// The better instruction sets than the active one, best first, and why each is not used.
    public static var better: [(name: String, reason: String)] {
        all.prefix { $0.name != active }.filter { !$0.isEmulated }
            .map { ($0.name, $0.obstacle ?? "\(active) was asked for") }
    }

    /// Switches all kernels, for tests and comparisons. Must not be called while an op runs.
    public static func use(_ name: String) throws {
        guard !dk_select(name) else { return }
        let hint = NearestName.hint(name, in: all.map(\.name))
        let problem =
            all.first { $0.name == name }?.obstacle.map { "instruction set '\(name)': \($0)" }
            ?? "unknown instruction set '\(name)'\(hint)"
        throw KitError.usage("\(problem) (this processor has: \(available.joined(separator: ", ")))")
    }

    /// Runs `body` once with each instruction set that the processor supports and with the emulated ones, then restores
    /// the previous one.
    public static func forEachAvailable(_ body: (String) throws -> Void) throws {
        let before = active
        defer { _ = dk_select(before) }
        for name in available + emulated {
            try use(name)
            try body(name)
        }
    }

    /// The instruction sets of the architecture, best first, then the emulated ones.
    private static var all: [(name: String, isEmulated: Bool, obstacle: String?)] {
        (0...).lazy.map { dk_set(Int32($0)) }.prefix { $0 != nil }.map {
            let table = $0!.pointee
            return (
                String(cString: table.capabilities.name), table.capabilities.is_emulated,
                table.obstacle().map { String(cString: $0) }
            )
        }
    }

    /// Throws if `DUBKIT_ISA` names an instruction set that this processor does not support, and which was therefore
    /// ignored.
    public static func checkEnvironment() throws {
        guard let text = getenv("DUBKIT_ISA"), text.pointee != 0 else { return }
        do { try use(String(cString: text)) } catch let error as KitError { throw error.prefixed("DUBKIT_ISA") }
    }
}
