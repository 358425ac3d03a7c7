import SystemIO
import Dispatch
import Glibc
import Pipeline

/// Why a run ends early.
public enum StopReason: Sendable {
    case interrupted
    case terminated
    /// The terminal or the connection that it was started from is gone.
    case hungUp
    /// `--max-duration` has passed.
    case timeIsUp

    var exitCode: ExitCode {
        switch self {
        case .interrupted: .interrupted
        case .terminated: .terminated
        case .hungUp: .hungUp
        case .timeIsUp: .temporary
        }
    }
}

/// Turns SIGINT, SIGTERM and SIGHUP into a `StopSignal`: the first lets what is in flight end, for ten seconds at most; the
/// second ends the program at once. Either way the same command goes on later, for the journal is always on disk.
final class SignalHandler: Sendable {
    /// How long what is in flight may go on; what is then cancelled has as long as `grace` to notice.
    private static let patience = DispatchTimeInterval.seconds(StopSignal.secondsToEnd)
    private static let grace = DispatchTimeInterval.seconds(StopSignal.secondsToEnd + 2)

    let signal = StopSignal()
    private let console: Console
    private let first = Locked<StopReason?>(nil)
    private let cancellation = Locked<(@Sendable () -> Void)?>(nil)
    private let lastWords = Locked<String?>(nil)
    private let queue = DispatchQueue(label: "clipship.signals")

    var reason: StopReason? { first.withLock { $0 } }

    /// Listens from now on, for as long as the program runs.
    static func listening(_ console: Console) -> SignalHandler {
        let stopping = SignalHandler(console)
        let reasons = [
            (SIGINT, StopReason.interrupted), (SIGTERM, StopReason.terminated), (SIGHUP, StopReason.hungUp),
        ]
        for (number, reason) in reasons {
            // Whoever started it by nohup(1) wants it to go on.
            var before = sigaction()
            sigaction(number, nil, &before)
            if number == SIGHUP, isIgnored(before) { continue }
            Glibc.signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: stopping.queue)
            // The handler keeps the source alive.
            source.setEventHandler { withExtendedLifetime(source) { stopping.stop(reason) } }
            source.resume()
        }
        return stopping
    }

    private static func isIgnored(_ action: sigaction) -> Bool {
        // SIG_IGN is the address 1.
        unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
    }

    private init(_ console: Console) {
        self.console = console
    }

    /// Ends the run by the clock, as a signal would.
    func stop(after duration: Duration) {
        queue.asyncAfter(deadline: .now() + duration / .seconds(1)) { self.stop(.timeIsUp) }
    }

    /// Says what is to be told when somebody asks by SIGUSR1, which does not end the program from now on.
    func whenAsked(_ tell: @escaping @Sendable () -> Void) {
        Glibc.signal(SIGUSR1, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGUSR1, queue: queue)
        source.setEventHandler { withExtendedLifetime(source) { tell() } }
        source.resume()
    }

    /// Says how to cancel what is in flight.
    func whenPatienceEnds(_ cancel: @escaping @Sendable () -> Void) {
        cancellation.withLock { $0 = cancel }
    }

    /// Says what is to be said when the program ends before its run has: there is no summary then.
    func whenCutOff(_ words: String) {
        lastWords.withLock { $0 = words }
    }

    private func end(_ reason: StopReason) -> Never {
        if let words = lastWords.withLock({ $0 }) { console.info(words) }
        FileLock.removeSigns(within: 2)
        _exit(reason.exitCode.rawValue)
    }

    private func stop(_ reason: StopReason) {
        let isFirst = first.withLock { first in
            defer { first = first ?? reason }
            return first == nil
        }
        guard isFirst else {
            // A terminal that is closed tells its shell and us, and the shell tells us again.
            if reason == .timeIsUp || reason == .hungUp { return }
            end(reason)
        }
        let cause = reason == .timeIsUp ? "The time of --max-duration is over" : "Stopping"
        let hint = reason == .interrupted ? " Press Ctrl-C again to stop now." : ""
        console.info("\(cause): finishing uploads in flight (up to \(StopSignal.secondsToEnd) s).\(hint)")
        signal.raise()
        queue.asyncAfter(deadline: .now() + Self.patience) { self.cancellation.withLock { $0 }?() }
        queue.asyncAfter(deadline: .now() + Self.grace) { self.end(reason) }
    }
}
