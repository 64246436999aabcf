import Glibc

/// A lock whose holder can wait until another thread changes the guarded state. If nobody waits for changes,
/// `Synchronization.Mutex` is simpler and faster.
package final class ConditionLock: Sendable {
    // Pthread objects must not move in memory.
    nonisolated(unsafe) private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    package init() { pthread_mutex_init(mutex, nil) }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    package func withLock<Result>(_ body: () throws -> Result) rethrows -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body()
    }

    /// A condition that holders of the lock can wait for.
    package final class Condition: Sendable {
        private let lock: ConditionLock
        nonisolated(unsafe) private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

        package init(_ lock: ConditionLock) {
            self.lock = lock
            var attributes = pthread_condattr_t()
            pthread_condattr_init(&attributes)
            pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
            pthread_cond_init(condition, &attributes)
            pthread_condattr_destroy(&attributes)
        }

        deinit {
            pthread_cond_destroy(condition)
            condition.deallocate()
        }

        /// Releases the lock, sleeps until woken, and takes the lock again. It may return spuriously, so check the
        /// condition.
        package func wait() { pthread_cond_wait(condition, lock.mutex) }
        /// Waits in the same way, but no longer than the given number of seconds.
        package func wait(atMost seconds: Double) {
            let end = SteadyClock.now + seconds
            var time = timespec(tv_sec: Int(end), tv_nsec: Int((end - end.rounded(.down)) * 1e9))
            pthread_cond_timedwait(condition, lock.mutex, &time)
        }
        /// Wakes one thread that waits.
        package func signal() { pthread_cond_signal(condition) }
        /// Wakes all threads that wait.
        package func broadcast() { pthread_cond_broadcast(condition) }
    }
}
