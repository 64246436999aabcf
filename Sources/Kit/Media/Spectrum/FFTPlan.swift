import CFFTW
import Glibc

/// A transform of FFTW's. Plans are estimated, not measured, so that the same input gives the same bits in every process.
///
/// FFTW's planner is not thread-safe and is called under a lock; its plans are, and are shared.
final class FFTPlan: @unchecked Sendable {
    let plan: fftwf_plan

    private static let planner: UnsafeMutablePointer<pthread_mutex_t> = {
        let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        pthread_mutex_init(lock, nil)
        return lock
    }()

    /// `make` asks for the plan, with the flag `FFTW_ESTIMATE`.
    init(_ make: () -> fftwf_plan?) {
        pthread_mutex_lock(Self.planner)
        defer { pthread_mutex_unlock(Self.planner) }
        guard let made = make() else { preconditionFailure("FFTW has no plan for this transform") }
        plan = made
    }

    deinit {
        pthread_mutex_lock(Self.planner)
        fftwf_destroy_plan(plan)
        pthread_mutex_unlock(Self.planner)
    }
}
