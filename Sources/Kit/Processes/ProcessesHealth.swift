import CMPI
import KitCore

/// What joins several processes.
public enum ProcessesHealth {
    public static var findings: [HealthFinding] {
        guard dubkit_open_mpi() == nil else {
            return [HealthFinding("Open MPI", "not installed: trains in one process (Debian's package openmpi-bin)")]
        }
        var text = [CChar](repeating: 0, count: 512)
        dubkit_mpi_version(&text, text.count)
        let version = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        return [HealthFinding("Open MPI", String(version.prefix { $0 != "," }))]
    }
}
