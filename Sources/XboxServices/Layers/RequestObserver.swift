/// Is told of every attempt, for logs; it gets no token, no query and no body.
public protocol RequestObserver: Sendable {
    func attemptEnded(_ attempt: RequestAttempt)
}

/// One attempt at a call and how it ended.
public struct RequestAttempt: Sendable {
    /// Such as `the initial upload request`.
    public var call: String
    /// Whose budget and pauses it counts for.
    public var service: Service
    /// Such as `PUT`.
    public var method: String
    /// Without the query.
    public var url: String
    /// From 1.
    public var number: Int
    /// How it ended.
    public var outcome: Outcome
    /// From the attempt's start, waits for limits included, to its end.
    public var duration: Duration
    /// Until the next attempt; nil if there is none.
    public var nextWait: Duration?
    /// For how long it is tried again if nothing gets better.
    public var timeLeft: Duration

    /// How an attempt ends.
    public enum Outcome: Sendable {
        case succeeded(status: Int)
        case failed(ServiceFailure)
    }
}
