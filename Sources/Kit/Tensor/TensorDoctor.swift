import COpenBLAS
import KitCore

/// What the tensor layer runs on.
public enum TensorHealth {
    public static var findings: [HealthFinding] {
        let sets = InstructionSet.available.joined(separator: ", ")
        return [
            HealthFinding("kernels", "\(InstructionSet.active) (this processor has: \(sets))"),
            HealthFinding("threads", "\(ThreadPool.shared.threadCount)"),
            openBLAS,
        ]
    }

    private static var openBLAS: HealthFinding {
        if let reason = dubkit_open_blas() {
            return HealthFinding("OpenBLAS", String(cString: reason), isHealthy: false)
        }
        return HealthFinding("OpenBLAS", String(cString: openblas_get_config()))
    }
}
