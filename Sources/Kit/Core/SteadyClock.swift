import Glibc

/// The clock that says how long things take. It never goes back, whatever the time of day is set to.
public enum SteadyClock {
    /// Seconds since a time before this process began.
    public static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
