import Glibc
import Synchronization
import SystemIO

/// What a progress display has on the terminal, above the cursor.
struct DrawnLines {
    /// Columns of each line.
    var widths: [Int] = []

    /// What has to be written so that nothing of it is left; it is forgotten.
    ///
    /// A terminal that got narrower has wrapped the lines, so that they take more of its rows. After a stop (Ctrl-Z) a
    /// shell has written below them: they stay where they are.
    mutating func erasing(on terminal: Terminal.Size?) -> String {
        defer { widths = [] }
        guard !Continuation.wasContinued(), let terminal else { return "" }
        let rows = widths.reduce(0) { $0 + max(1, ($1 + terminal.columns - 1) / terminal.columns) }
        return rows > 0 ? "\u{1B}[\(rows)F\u{1B}[J" : ""
    }
}

/// Whether the program was stopped and goes on (`SIGTSTP`, `SIGCONT`).
enum Continuation {
    private static let flag = Atomic(false)
    private static let stopping = Atomic(false)

    /// Notices it from now on.
    static func watch() {
        // So that the handlers find them made.
        flag.store(false, ordering: .relaxed)
        stopping.store(false, ordering: .relaxed)
        signal(SIGCONT) { _ in Continuation.flag.store(true, ordering: .relaxed) }
        var before = sigaction()
        sigaction(SIGTSTP, nil, &before)
        // Who starts a program without job control has it ignore this (`SIG_IGN`, which is 1).
        if unsafeBitCast(before.__sigaction_handler.sa_handler, to: Int.self) != 1 { signal(SIGTSTP, stop) }
    }

    /// Since the last time that this was asked.
    static func wasContinued() -> Bool { flag.exchange(false, ordering: .relaxed) }

    /// The program is about to stop, or has just gone on and not noticed yet: nothing is to be drawn.
    static var isStopping: Bool { stopping.load(ordering: .acquiring) }

    /// Stops the process as `SIGTSTP` does. When it goes on, other threads may run before any handler of `SIGCONT` does, so
    /// they are held off from before the stop until it is known.
    private static let stop: @convention(c) (Int32) -> Void = { _ in
        Continuation.stopping.store(true, ordering: .relaxed)
        signal(SIGTSTP, SIG_DFL)
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGTSTP)
        raise(SIGTSTP)
        // It is blocked while its handler runs, and takes effect here.
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
        signal(SIGTSTP, Continuation.stop)
        Continuation.flag.store(true, ordering: .relaxed)
        Continuation.stopping.store(false, ordering: .releasing)
    }
}
