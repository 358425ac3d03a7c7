/// Is told of every attempt, for logs; it gets no token, no query and no body.
public protocol RequestObserver: Sendable {
    func attemptEnded(_ attempt: RequestAttempt)
}

/// One attempt at a call and how it ended.
public struct RequestAttempt: Sendable {
    /// Such as `the initial upload request`.
    public var call: String
    public var service: Service
    public var method: String
    /// Without the query.
    public var url: String
    /// From 1.
    public var number: Int
    public var outcome: Outcome
    public var duration: Duration
    /// Until the next attempt; nil if there is none.
    public var nextWait: Duration?

    public enum Outcome: Sendable {
        case succeeded(status: Int)
        case failed(ServiceFailure)
    }
}
