import Glibc
import Kit
import Synchronization

/// Ctrl-C, SIGTERM, SIGHUP and SIGUSR1, by which schedulers announce that a job's time is nearly up, handed to `Interrupt`.
public enum Signals {
    private static let lastSignal = Atomic<Int32>(0)

    /// The last signal that came; 0 if none did.
    public static var last: Int32 { lastSignal.load(ordering: .relaxed) }

    /// Starts listening. The third signal that nothing has acted on ends the process at once, but
    /// for Ctrl-C at a prompt.
    public static func install() {
        // All are made here, so that the handler finds them ready.
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
        // Without SA_RESTART: a read that waits for the terminal must end too.
        // nohup has a process ignore that its terminal is gone.
        var known = sigaction()
        sigaction(SIGHUP, nil, &known)
        let ignoresHangup = unsafeBitCast(known.__sigaction_handler.sa_handler, to: Int.self) == 1
        // A parent may have blocked them, and children inherit that.
        var set = sigset_t()
        sigemptyset(&set)
        for number in [SIGINT, SIGTERM, SIGHUP, SIGUSR1] {
            if number != SIGHUP || !ignoresHangup { sigaction(number, &action, nil) }
            sigaddset(&set, number)
        }
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
        // A file that reaches the largest size there may be is an error of its writer, not the end of the process.
        signal(SIGXFSZ, SIG_IGN)
    }

    /// Whether the process was told to end, as against asked by Ctrl-C to stop what it does.
    public static var isTerminated: Bool { [SIGTERM, SIGHUP, SIGUSR1].contains(last) }
}
