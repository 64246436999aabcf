import CKernels
import Glibc
import KitCore

/// The instruction set that the kernels use: the best one of the processor, or the one in `DUBKIT_ISA`.
public enum InstructionSet {
    /// Its name, such as "avx2". "baseline" works on every processor of the architecture.
    public static var active: String { String(cString: dk_active.pointee.capabilities.name) }

    /// The names of the instruction sets that this processor supports, best first.
    public static var available: [String] {
        var names: [String] = []
        while let name = dk_available(Int32(names.count)) { names.append(String(cString: name)) }
        return names
    }

    /// Switches all kernels, for tests and comparisons. Must not be called while an op runs.
    public static func use(_ name: String) throws {
        guard dk_select(name) else {
            throw KitError.usage(
                "unknown instruction set '\(name)'\(NearestName.hint(name, in: available)) "
                    + "(this processor has: \(available.joined(separator: ", ")))")
        }
    }

    /// Runs `body` once with each instruction set that the processor supports, then restores the previous one.
    public static func forEachAvailable(_ body: (String) throws -> Void) throws {
        let before = active
        defer { _ = dk_select(before) }
        for name in available {
            try use(name)
            try body(name)
        }
    }

    /// Throws if `DUBKIT_ISA` names an instruction set that this processor does not support, and which was therefore
    /// ignored.
    public static func checkEnvironment() throws {
        guard let text = getenv("DUBKIT_ISA"), text.pointee != 0 else { return }
        do { try use(String(cString: text)) } catch let error as KitError { throw error.prefixed("DUBKIT_ISA") }
    }
}
