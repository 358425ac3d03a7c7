import XboxServices

extension Console {
    /// Shows a request to a service with `--verbose`, without token, query and body; always, when a service is tried
    /// again for the first time.
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
            var facts = [
                "call": attempt.call, "method": attempt.method, "url": attempt.url, "attempt": String(attempt.number),
                "outcome": outcome, "milliseconds": String(Int(milliseconds)),
            ]
            facts["nextAttemptInSeconds"] = attempt.nextWait.map { String($0 / .seconds(1)) }
            log("request", facts)
        } else {
            let wait = attempt.nextWait.map { "; again in \($0)" } ?? ""
            note("\(attempt.method) \(attempt.url): \(outcome) in \(Int(milliseconds)) ms\(wait)")
        }
    }

    /// Says once of each host that it is tried again, and for how long, lest a run seems to hang.
    private func tellOfTrouble(_ attempt: RequestAttempt) {
        guard attempt.nextWait != nil, case .failed(let failure) = attempt.outcome else { return }
        let host = attempt.url.split(separator: "/", omittingEmptySubsequences: false).prefix(3).joined(separator: "/")
        guard isFirstTrouble(of: host) else { return }
        let what =
            switch failure.kind {
            case .transport(let error): " can't be reached: \(error.kind)"
            default: ": \(failure.kind)"
            }
        let minutes = Int((attempt.timeLeft / .seconds(60)).rounded(.up))
        warning("\(host)\(what); trying again for up to \(minutes) min")
    }
}

/// Shows the requests of single calls.
struct RequestDisplay: RequestObserver {
    let console: Console

    func attemptEnded(_ attempt: RequestAttempt) {
        console.show(attempt)
    }
}
