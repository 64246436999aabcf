import CKernels
import Glibc
import KitCore

/// The instruction set that the kernels run with: the best of the processor, or what `DUBKIT_ISA` names.
public enum InstructionSet {
    /// Its name, such as "avx2"; "baseline" is what every processor of the architecture has.
    public static var active: String { String(cString: dk_active.pointee.capabilities.name) }

    /// The names of those that this processor has, best first.
    public static var available: [String] {
        var names: [String] = []
        while let name = dk_available(Int32(names.count)) { names.append(String(cString: name)) }
        return names
    }

    /// Switches all kernels, for tests and comparisons. Not to be called while an op runs.
    public static func use(_ name: String) throws {
        guard dk_select(name) else {
            throw KitError.usage(
                "unknown instruction set '\(name)'\(NearestName.hint(name, in: available)) "
                    + "(this processor has: \(available.joined(separator: ", ")))")
        }
    }

    /// Runs `body` once with each instruction set that the processor has, then returns to the one before.
    public static func forEachAvailable(_ body: (String) throws -> Void) throws {
        let before = active
        defer { _ = dk_select(before) }
        for name in available {
            try use(name)
            try body(name)
        }
    }

    /// Throws if `DUBKIT_ISA` names something that this processor does not have, and which was therefore ignored.
    public static func checkEnvironment() throws {
        guard let text = getenv("DUBKIT_ISA"), text.pointee != 0 else { return }
        do { try use(String(cString: text)) } catch let error as KitError { throw error.prefixed("DUBKIT_ISA") }
    }
}
