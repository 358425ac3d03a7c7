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

/// Whether the program was stopped and goes on (`SIGCONT`).
enum Continuation {
    private static let flag = Atomic(false)

    /// Notices it from now on.
    static func watch() {
        // So that the handler finds it made.
        flag.store(false, ordering: .relaxed)
        signal(SIGCONT) { _ in Continuation.flag.store(true, ordering: .relaxed) }
    }

    /// Since the last time that this was asked.
    static func wasContinued() -> Bool { flag.exchange(false, ordering: .relaxed) }
}
