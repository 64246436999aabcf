import Glibc

/// A pointer that each thread has of its own, nil until the thread sets it.
///
/// Reading and setting take no lock and allocate nothing. The system has room for about a thousand of these, which live as long
/// as the program: make them static.
package struct ThreadLocal: Sendable {
    private let key: pthread_key_t

    /// Nil on every thread.
    ///
    /// - Parameter release: called with a pointer that is not nil when its thread ends.
    package init(release: (@convention(c) (UnsafeMutableRawPointer?) -> Void)? = nil) {
        var key = pthread_key_t()
        pthread_key_create(&key, release)
        self.key = key
    }

    package var pointer: UnsafeMutableRawPointer? {
        get { pthread_getspecific(key) }
        nonmutating set { pthread_setspecific(key, newValue) }
    }

    /// Runs `body` with a pointer, then sets again what was there before.
    package func with<Result>(_ pointer: UnsafeMutableRawPointer?, _ body: () throws -> Result) rethrows -> Result {
        let before = self.pointer
        self.pointer = pointer
        defer { self.pointer = before }
        return try body()
    }
}

/// A flag that each thread has of its own. A thread sets it for the length of a call; until then it is not set.
package struct ThreadFlag: Sendable {
    private let local = ThreadLocal()

    package init() {}

    package var isSet: Bool { local.pointer != nil }

    /// Runs `body` with the flag set or not set, then sets it as it was before.
    package func with<Result>(_ value: Bool, _ body: () throws -> Result) rethrows -> Result {
        try local.with(value ? UnsafeMutableRawPointer(bitPattern: 1) : nil, body)
    }
}
