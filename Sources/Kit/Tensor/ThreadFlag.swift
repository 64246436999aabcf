import Glibc

/// A flag that each thread has of its own, set for the length of a call.
struct ThreadFlag {
    private let key: pthread_key_t

    /// Not set on any thread. Flags live as long as the program.
    init() {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        self.key = key
    }

    var isSet: Bool { pthread_getspecific(key) != nil }

    func with<Result>(_ value: Bool, _ body: () throws -> Result) rethrows -> Result {
        let before = pthread_getspecific(key)
        pthread_setspecific(key, value ? UnsafeRawPointer(bitPattern: 1) : nil)
        defer { pthread_setspecific(key, before) }
        return try body()
    }
}
