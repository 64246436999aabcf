import Glibc

/// A lock whose holder can wait until another thread changes the guarded state. If nobody waits for changes,
/// `Synchronization.Mutex` is simpler and faster.
final class ConditionLock: Sendable {
    // Pthread objects must not move in memory.
    nonisolated(unsafe) private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    init() { pthread_mutex_init(mutex, nil) }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    func withLock<Result>(_ body: () throws -> Result) rethrows -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body()
    }

    /// A condition that holders of the lock can wait for.
    final class Condition: Sendable {
        private let lock: ConditionLock
        nonisolated(unsafe) private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

        init(_ lock: ConditionLock) {
            self.lock = lock
            pthread_cond_init(condition, nil)
        }

        deinit {
            pthread_cond_destroy(condition)
            condition.deallocate()
        }

        /// Releases the lock, sleeps until woken, and takes the lock again. It may return spuriously, so check the
        /// condition.
        func wait() { pthread_cond_wait(condition, lock.mutex) }
        /// Wakes one thread that waits.
        func signal() { pthread_cond_signal(condition) }
        /// Wakes all threads that wait.
        func broadcast() { pthread_cond_broadcast(condition) }
    }
}
