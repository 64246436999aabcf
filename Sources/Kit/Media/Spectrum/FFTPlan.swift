import CFFTW
import Synchronization

/// A transform by FFTW. Plans are estimated instead of measured, so that the same input gives the same bits in every
/// process.
///
/// FFTW's planner is not thread-safe and is called under a lock. Its plans are thread-safe and shared.
final class FFTPlan: @unchecked Sendable {
    let plan: fftwf_plan

    private static let planner = Mutex(())

    /// `make` creates the plan, with the flag `FFTW_ESTIMATE`.
    init(_ make: () -> fftwf_plan?) {
        guard let made = Self.planner.withLock({ _ in make() }) else {
            preconditionFailure("FFTW has no plan for this transform")
        }
        plan = made
    }

    deinit { Self.planner.withLock { _ in fftwf_destroy_plan(plan) } }
}
