public import ClipModel

/// What the journal knows of the request for a session's server instance.
public struct ServerRecord: Hashable, Sendable {
    public var titleID: UInt32
    public var sessionID: String
    public var state: State
    /// Where the instance is; nil until it is known.
    public var report: ServerReport?
    /// The command that was to be told of it has been.
    public var isHookDone: Bool

    /// How far a request is; each state is on disk before the next step.
    public enum State: String, Hashable, Sendable, CaseIterable {
        /// It is about to be sent, or was sent and the answer is not known.
        case intended
        /// The service has taken it.
        case requested
        case fulfilled
        case aborted
    }

    public init(titleID: UInt32, sessionID: String, state: State) {
        self.titleID = titleID
        self.sessionID = sessionID
        self.state = state
        isHookDone = false
    }
}
