import Dispatch
import Glibc
import Pipeline
import Synchronization

/// Why a run ends early.
public enum StopReason: Sendable {
    case interrupted
    case terminated

    var exitCode: ExitCode { self == .terminated ? .terminated : .interrupted }
}

/// Turns SIGINT and SIGTERM into a `StopSignal`: the first lets what is in flight end, for ten seconds at most; the
/// second ends the program at once. Either way the same command goes on later, for the journal is always on disk.
final class Stopping: Sendable {
    static let patience = DispatchTimeInterval.seconds(10)

    let signal = StopSignal()
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "clipship.signals")

    private struct State {
        var reason: StopReason?
        var sources: [any DispatchSourceSignal] = []
    }

    var reason: StopReason? { state.withLock { $0.reason } }

    /// Begins to listen.
    init(_ console: Console) {
        for (number, reason) in [(SIGINT, StopReason.interrupted), (SIGTERM, StopReason.terminated)] {
            Glibc.signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { [weak self] in self?.stop(reason, console) }
            source.resume()
            state.withLock { $0.sources.append(source) }
        }
    }

    private func stop(_ reason: StopReason, _ console: Console) {
        let isFirst = state.withLock { state in
            defer { state.reason = state.reason ?? reason }
            return state.reason == nil
        }
        guard isFirst else { _exit(reason.exitCode.rawValue) }
        console.showTransient([])
        console.info("stopping: what is under way may end (10 s); once more to stop at once")
        signal.raise()
        queue.asyncAfter(deadline: .now() + Self.patience) { _exit(reason.exitCode.rawValue) }
    }
}
