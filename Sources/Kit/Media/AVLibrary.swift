import CAV
import Glibc
import KitCore

/// Constants from macros of libav's headers that Swift cannot import, and the library's log.
enum AVLibrary {
    static let noTimestamp = Int64.min
    static let endOfFile = -tag("EOF ")
    static let invalidData = -tag("INDA")
    static let exitRequested = -tag("EXIT")
    static let tryAgain = -EAGAIN

    /// Limits that are checked before anything is allocated for a file's content.
    enum Limit {
        static let pixels: Int64 = 8192 * 8192
        static let channels = 64
        /// Films can have dozens of tracks and a hundred fonts. A file with more streams than this is refused.
        static let streams: Int32 = 1000
        static let seconds = 7.0 * 24 * 3600
        /// One allocation inside libav: a sample table or a packet, never a whole film.
        static let allocation = 1 << 30
    }

    private static func tag(_ letters: String) -> Int32 {
        letters.utf8.reversed().reduce(Int32(0)) { $0 << 8 | Int32($1) }
    }

    /// Opens libav, unless it is open, and captures its log: nothing is printed, and errors are kept for the messages
    /// of `KitError`.
    static func prepare() throws { try opened.get() }

    private static let opened: Result<Void, KitError> = {
        if let reason = dubkit_open_av() {
            return .failure(KitError(.configuration, "FFmpeg's libraries cannot be opened: \(String(cString: reason))"))
        }
        av_max_alloc(Limit.allocation)
        av_log_set_callback { object, level, format, arguments in
            guard level <= AV_LOG_ERROR, let format, let arguments else { return }
            var text = [CChar](repeating: 0, count: 512)
            vsnprintf(&text, text.count, format, arguments)
            LogLine.keep(String(cBuffer: text))
        }
        return .success(())
    }()

    /// Opens libavfilter as well.
    static func prepareFilters() throws {
        try prepare()
        try filters.get()
    }

    private static let filters: Result<Void, KitError> =
        dubkit_open_avfilter().map { reason in
            .failure(
                KitError(
                    .configuration,
                    "FFmpeg's filters cannot be opened: \(String(cString: reason)): install libavfilter "
                        + "(Debian: libavfilter8)"))
        } ?? .success(())

    /// Runs `body` with an empty log and adds the text that libav logged to its error.
    static func message(_ status: Int32) -> String {
        var text = [CChar](repeating: 0, count: 256)
        av_strerror(status, &text, text.count)
        let reason = String(cBuffer: text)
        let logged = LogLine.take()
        return logged.isEmpty || reason.contains(logged) ? reason : "\(reason) (\(logged))"
    }

    /// Throws if `status` is an error. `doing` reads "cannot open the decoder".
    @discardableResult
    static func check(_ status: Int32, _ kind: KitError.Kind, _ doing: @autoclosure () -> String) throws -> Int32 {
        guard status < 0 else { return status }
        try checkInterrupt(status)
        throw KitError(kind, "\(doing()): \(message(status))")
    }

    /// Throws if work must be abandoned, or if libav has abandoned it: the interrupt may have been handled by now, and
    /// the file must not look damaged.
    static func checkInterrupt(_ status: Int32) throws {
        if status == exitRequested { throw KitError(.interrupted, "interrupted") }
        try Interrupt.check()
    }
}

/// The last error that libav logged on this thread.
private final class LogLine {
    private var text = ""

    private static let line = ThreadLocal { Unmanaged<LogLine>.fromOpaque($0!).release() }

    private static var current: LogLine {
        if let kept = line.pointer { return Unmanaged.fromOpaque(kept).takeUnretainedValue() }
        let fresh = LogLine()
        line.pointer = Unmanaged.passRetained(fresh).toOpaque()
        return fresh
    }

    static func keep(_ text: String) {
        let line = text.filter { $0 != "\n" }
        if !line.isEmpty { current.text = line }
    }

    static func take() -> String {
        defer { current.text = "" }
        return current.text
    }
}

extension AVRational {
    /// The number as a Double; 0 if the denominator is 0.
    var value: Double { den == 0 ? 0 : Double(num) / Double(den) }
}
