import ClipModel
import XboxServices

extension Console {
    /// Shows a request to a service with `--verbose`, without token, query and body; always, when a service is tried
    /// again, and when it answers again.
    func show(_ attempt: RequestAttempt) {
        tellOfTrouble(attempt)
        guard level == .verbose || logsJSON else { return }
        let outcome =
            switch attempt.outcome {
            case .succeeded(let status): "\(status)"
            case .failed(let failure): "\(failure.kind)"
            }
        let milliseconds = attempt.duration / .milliseconds(1)
        if logsJSON {
            var facts: [String: JSONValue] = [
                "call": .string(attempt.call), "method": .string(attempt.method), "url": .string(attempt.url),
                "attempt": .integer(Int64(attempt.number)), "outcome": .string(outcome),
                "milliseconds": .integer(Int64(milliseconds)),
            ]
            if case .succeeded(let status) = attempt.outcome { facts["status"] = .integer(Int64(status)) }
            facts["nextAttemptInSeconds"] = attempt.nextWait.map { .number($0 / .seconds(1)) }
            log("request", facts)
        } else {
            let wait = attempt.nextWait.map { "; again in \($0)" } ?? ""
            let again = attempt.number > 1 ? " (attempt \(attempt.number))" : ""
            note("\(attempt.method) \(attempt.url)\(again): \(outcome) in \(Int(milliseconds)) ms\(wait)")
        }
    }

    /// Says that a host is tried again, and for how long, so that a run does not seem to hang; and when it is back.
    private func tellOfTrouble(_ attempt: RequestAttempt) {
        let host = attempt.url.split(separator: "/", omittingEmptySubsequences: false).prefix(3).joined(separator: "/")
        switch attempt.outcome {
        case .failed(let failure) where attempt.nextWait != nil:
            guard noteTrouble(of: host, answered: false) == .began else { return }
            let what =
                switch failure.kind {
                case .transport(let error): " can't be reached: \(error.kind)"
                default: ": \(failure.kind)"
                }
            warning("\(host)\(what); trying again for up to \(Self.rounded(attempt.timeLeft))")
        case .failed(let failure) where failure.status == nil: break
        case .succeeded, .failed:
            guard case .ended(let duration)? = noteTrouble(of: host, answered: true) else { return }
            info("\(host) answers again, after \(Self.rounded(duration))")
        }
    }

    /// In seconds, from two minutes on in minutes.
    private static func rounded(_ duration: Duration) -> String {
        let seconds = Int((duration / .seconds(1)).rounded(.up))
        return seconds < 120 ? "\(seconds) s" : "\((seconds + 59) / 60) min"
    }
}

/// Shows the requests of single calls.
struct RequestDisplay: RequestObserver {
    let console: Console

    func attemptEnded(_ attempt: RequestAttempt) {
        console.show(attempt)
    }
}
