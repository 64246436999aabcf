import CKernels
import COpenBLAS
import KitCore

/// The lines of `dubkit doctor` about kernels, threads and BLAS.
public enum TensorDoctor {
    public static var findings: [DoctorFinding] {
        let sets = InstructionSet.available.joined(separator: ", ")
        return [
            DoctorFinding("kernels", "\(InstructionSet.active) (this processor has: \(sets))"),
            DoctorFinding("bfloat16", bfloat16),
            DoctorFinding("threads", "\(ThreadPool.shared.threadCount)"),
            openBLAS,
        ]
    }

    private static var bfloat16: String {
        dk_active.pointee.capabilities.has_pair_products
            ? "multiplied in pairs" : "rounded and multiplied as float32, since the kernels have no instruction for it"
    }

    private static var openBLAS: DoctorFinding {
        if let reason = dubkit_open_blas() {
            return DoctorFinding("OpenBLAS", String(cString: reason), isHealthy: false)
        }
        return DoctorFinding("OpenBLAS", String(cString: openblas_get_config()))
    }
}
