import Glibc
import Kit
import Synchronization

/// Passes Ctrl-C, SIGTERM, SIGHUP and SIGUSR1 to `Interrupt`. Schedulers send SIGUSR1 when a job's time is nearly up.
public enum Signals {
    private static let lastSignal = Atomic<Int32>(0)

    /// The last signal; 0 if there was none.
    public static var last: Int32 { lastSignal.load(ordering: .relaxed) }

    /// Starts to handle signals. The third signal without a reaction ends the process at once, except for Ctrl-C at a
    /// prompt.
    public static func install() {
        // Initialises them here, so that the handler finds them ready.
        Interrupt.clear()
        _ = Interrupt.isInteractive
        lastSignal.store(0, ordering: .relaxed)
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { number in
            Signals.lastSignal.store(number, ordering: .relaxed)
            if Interrupt.request() > 2, number != SIGINT || !Interrupt.isInteractive {
                signal(number, SIG_DFL)
                raise(number)
            }
        }
        // Without SA_RESTART, so that a read that waits for the terminal ends too. Under nohup, SIGHUP stays ignored.
        var known = sigaction()
        sigaction(SIGHUP, nil, &known)
        let ignoresHangup = unsafeBitCast(known.__sigaction_handler.sa_handler, to: Int.self) == 1
        // A parent may have blocked them, which children inherit.
        var set = sigset_t()
        sigemptyset(&set)
        for number in [SIGINT, SIGTERM, SIGHUP, SIGUSR1] {
            if number != SIGHUP || !ignoresHangup { sigaction(number, &action, nil) }
            sigaddset(&set, number)
        }
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
        // Reaching the file size limit is an error for the writer and must not end the process.
        signal(SIGXFSZ, SIG_IGN)
    }

    /// Whether the process was told to end, rather than asked by Ctrl-C to stop its current work.
    public static var isTerminated: Bool { [SIGTERM, SIGHUP, SIGUSR1].contains(last) }
}
