import ClipModel
import Foundation
import LocalService
import Testing
import XboxServices

/// The protocol's rules of retrying, read from its text and from nothing of the client: what a record of requests may
/// not show.
struct RetryRules {
    let exchanges: [RequestWitness.Exchange]
    let log: [LoggedRequest]

    /// A sentence for each breach.
    var breaches: [String] {
        pauses + sameRequestAgain + afterRefusals
    }

    /// Nothing goes to a service before its `Retry-After` has passed, whoever was told. By the service's log, in which
    /// time stands still as long as a request is under way.
    private var pauses: [String] {
        var found: [String] = []
        for told in log {
            guard let answered = told.answered, told.complete, let pause = told.pause else { continue }
            for other in log
            where other.isTransfer == told.isTransfer && other.time > answered && other.time.seconds1970 < pause {
                found.append("\(other.sentence) came in the pause that \(told.sentence) asked for")
            }
        }
        return found
    }

    /// By what the client knew when it sent the same request again.
    private var sameRequestAgain: [String] {
        Dictionary(grouping: exchanges, by: \.identity).values.flatMap { attempts in
            zip(attempts, attempts.dropFirst()).compactMap { before, after in
                breach(before, after).map { "\($0): \(before.identity)" }
            }
        }
    }

    /// After 401 a request is sent once more, with another token.
    private var afterRefusals: [String] {
        attemptsByTask.flatMap { attempts in
            attempts.indices.dropFirst().compactMap { index in
                let (before, after) = (attempts[index - 1], attempts[index])
                guard before.answer?.status == 401 else { return nil }
                if index > 1, attempts[index - 2].answer?.status == 401 {
                    return "sent a third time after 401: \(after.identity)"
                }
                return before.authorization == after.authorization
                    ? "sent again with a token that was refused: \(after.identity)" : nil
            }
        }
    }

    /// The tokens that were refused and had to be replaced: not the second in a row, which is a no to the caller.
    var replacedTokens: Set<String?> {
        Set(
            attemptsByTask.flatMap { attempts in
                attempts.indices.filter { index in
                    attempts[index].answer?.status == 401 && (index == 0 || attempts[index - 1].answer?.status != 401)
                }.map { attempts[$0].authorization }
            })
    }

    /// A request was refused twice in a row.
    var hasFinalRefusal: Bool {
        attemptsByTask.contains { attempts in
            zip(attempts, attempts.dropFirst()).contains { $0.answer?.status == 401 && $1.answer?.status == 401 }
        }
    }

    private struct Sender: Hashable {
        var identity: String
        var task: Int
    }

    private var attemptsByTask: [[RequestWitness.Exchange]] {
        Array(Dictionary(grouping: exchanges) { Sender(identity: $0.identity, task: $0.task) }.values)
    }

    private func breach(_ before: RequestWitness.Exchange, _ after: RequestWitness.Exchange) -> String? {
        let status = before.answer?.status
        if let text = before.retryAfter, let seconds = Int(text), after.beginTime < before.endTime + .seconds(seconds) {
            return "sent again before Retry-After had passed"
        }
        switch status {
        case nil, 401, 408, 429: break
        // A look at the clip makes an expired address good again.
        case 403 where before.isTransfer && exchanges.contains { isLook($0, between: before, after) }: break
        case let status? where (400...499).contains(status): return "sent again after \(status)"
        case let status? where (200...299).contains(status) && before.method == .put:
            return "sent again after it was acknowledged"
        default: break
        }
        guard before.isInitialRequest, ![401, 429, 503].contains(status) else { return nil }
        let hasLooked = exchanges.contains { look in
            look.isList && look.begin > before.end && look.end < after.begin && look.answer?.status == 200
        }
        return hasLooked ? nil : "an id was asked for again without a look at what the service has"
    }

    private func isLook(
        _ look: RequestWitness.Exchange, between before: RequestWitness.Exchange, _ after: RequestWitness.Exchange
    ) -> Bool {
        look.method == .get && !look.isList && look.begin > before.end && look.end < after.begin
    }
}

extension LoggedRequest {
    var isTransfer: Bool { [.block, .thumbnail, .download].contains(route) }

    fileprivate var sentence: String {
        "request \(number) (\(method) \(path) at \(time), answered \(status ?? 0), fault \(fault ?? "none"))"
    }

    /// When the pause is over that the answer asked for, in seconds since 1970.
    fileprivate var pause: Double? {
        guard let retryAfter, let answered else { return nil }
        if let seconds = Double(retryAfter) { return answered.seconds1970 + seconds }
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
        return format.date(from: retryAfter)?.timeIntervalSince1970
    }
}

extension Timestamp {
    fileprivate var seconds1970: Double { Double(seconds) + Double(ticks) / 10_000_000 }
}
