import Glibc

/// A thread-local pointer, nil until the thread sets it.
///
/// Reading and setting neither lock nor allocate. A process can have about a thousand of these, and they are never
/// freed: make them static.
package struct ThreadLocal: Sendable {
    private let key: pthread_key_t

    /// Nil on every thread.
    ///
    /// - Parameter release: called with the pointer when its thread ends, unless it is nil.
    package init(release: (@convention(c) (UnsafeMutableRawPointer?) -> Void)? = nil) {
        var key = pthread_key_t()
        pthread_key_create(&key, release)
        self.key = key
    }

    package var pointer: UnsafeMutableRawPointer? {
        get { pthread_getspecific(key) }
        nonmutating set { pthread_setspecific(key, newValue) }
    }

    /// Runs `body` with a pointer, then restores the previous one.
    package func with<Result>(_ pointer: UnsafeMutableRawPointer?, _ body: () throws -> Result) rethrows -> Result {
        let before = self.pointer
        self.pointer = pointer
        defer { self.pointer = before }
        return try body()
    }
}

/// A thread-local flag, which a thread sets for the duration of a call. It is false at first.
package struct ThreadFlag: Sendable {
    private let local = ThreadLocal()

    package init() {}

    package var isSet: Bool { local.pointer != nil }

    /// Runs `body` with the flag set or cleared, then restores it.
    package func with<Result>(_ value: Bool, _ body: () throws -> Result) rethrows -> Result {
        try local.with(value ? UnsafeMutableRawPointer(bitPattern: 1) : nil, body)
    }
}
