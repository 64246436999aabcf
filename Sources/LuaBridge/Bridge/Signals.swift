import Glibc
import Kit
import Synchronization

/// Ctrl-C and SIGTERM, handed to `Interrupt`.
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
        sigaction(SIGINT, &action, nil)
        sigaction(SIGTERM, &action, nil)
        // A parent may have blocked them, and children inherit that.
        var both = sigset_t()
        sigemptyset(&both)
        sigaddset(&both, SIGINT)
        sigaddset(&both, SIGTERM)
        pthread_sigmask(SIG_UNBLOCK, &both, nil)
    }
}
