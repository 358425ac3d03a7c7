import XboxServices

extension Console {
    /// Shows a request to a service with `--verbose`, without token, query and body.
    func show(_ attempt: RequestAttempt) {
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
}

/// Shows the requests of single calls.
struct RequestDisplay: RequestObserver {
    let console: Console

    func attemptEnded(_ attempt: RequestAttempt) {
        console.show(attempt)
    }
}
