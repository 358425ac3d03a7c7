import FoundationEssentials
import Transport

/// What an outcome means for a call: the rules of the protocol on which calls may be made again, in one
/// place.
enum RetryDecision {
    /// What to do about a status that is no success.
    static func recovery(_ call: ServiceCall, status: Int, retryAfter: Duration?) -> Recovery {
        switch status {
        case 401, 403: .notAllowed
        // Behind which an instance may have been given all the same.
        case 503 where call.service == .compute && !call.isIdempotent: .reconcile
        // Refused before anything was done.
        case 429, 503, 507: .retry(after: retryAfter)
        case 408, 500, 502, 504: call.isIdempotent ? .retry(after: retryAfter) : .reconcile
        case 300...499: .giveUp
        // A success of another kind, or an error behind the service: it may have been done.
        default: call.isIdempotent ? .giveUp : .reconcile
        }
    }

    /// What to do about an answer that did not come.
    static func recovery(_ call: ServiceCall, _ error: TransportError) -> Recovery {
        if !call.isIdempotent && error.mayHaveBeenSent { return .reconcile }
        switch error.kind {
        case .badURL, .badHeader, .refusedInsecure, .bodySource, .sink, .responseTooLarge: return .giveUp
        case .certificateRefused, .certificateUnusable: return .mendHere
        case .couldNotResolve, .couldNotConnect, .tlsFailed, .timedOut, .connectionLost, .malformedResponse,
            .cancelled, .closed, .other:
            return .retry(after: nil)
        }
    }

    /// What to do about a success that can't be read: no JSON, or JSON of another shape. It came whole, for what breaks
    /// off is a `TransportError`, so it will be the same the next time.
    static func recovery(ofUnreadableAnswerTo call: ServiceCall) -> Recovery {
        call.isIdempotent ? .giveUp : .reconcile
    }
}
