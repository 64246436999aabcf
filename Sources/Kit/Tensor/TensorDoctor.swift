import CKernels
import COpenBLAS
import KitCore

/// The lines of `dubkit doctor` about kernels, threads and BLAS.
public enum TensorDoctor {
    public static var findings: [DoctorFinding] {
        let sets = InstructionSet.available.joined(separator: ", ")
        return [
            DoctorFinding("kernels", "\(InstructionSet.active) (this processor has: \(sets))"),
            DoctorFinding("faster kernels", fasterKernels),
            DoctorFinding("bfloat16", bfloat16),
            DoctorFinding("threads", "\(ThreadPool.shared.threadCount)"),
            openBLAS,
        ]
    }

    private static var bfloat16: String {
        let capabilities = dk_active.pointee.capabilities
        if capabilities.has_tiles { return "multiplied in tiles" }
        return capabilities.has_pair_products
            ? "multiplied in pairs" : "rounded and multiplied as float32, since the kernels have no instruction for it"
    }

    private static var fasterKernels: String {
        let better = InstructionSet.better
        return better.isEmpty ? "none" : better.map { "\($0.name): \($0.reason)" }.joined(separator: "; ")
    }

    private static var openBLAS: DoctorFinding {
        if let reason = dubkit_open_blas() {
            return DoctorFinding("OpenBLAS", String(cString: reason), isHealthy: false)
        }
        return DoctorFinding("OpenBLAS", String(cString: openblas_get_config()))
    }
}
