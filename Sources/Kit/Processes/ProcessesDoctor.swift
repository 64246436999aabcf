import CMPI
import KitCore

/// The line of `dubkit doctor` about Open MPI, the engine that connects several processes.
public enum ProcessesDoctor {
    public static var findings: [DoctorFinding] {
        guard dubkit_open_mpi() == nil else {
            return [DoctorFinding("Open MPI", "not installed: runs use one process (Debian's package openmpi-bin)")]
        }
        var text = [CChar](repeating: 0, count: 512)
        dubkit_mpi_version(&text, text.count)
        let version = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        return [DoctorFinding("Open MPI", String(version.prefix { $0 != "," }))]
    }
}
