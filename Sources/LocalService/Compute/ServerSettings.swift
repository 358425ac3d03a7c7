/// The server instances that game server management has to give, and how long things take.
public struct ServerSettings: Hashable, Sendable {
    /// How many instances run at once; nil for as many as are asked for.
    public var capacity: Int?
    /// How long an instance runs before it is free again; nil for ever.
    public var lifetime: Duration?
    /// How long a request waits at most for an instance to become free; nil for ever.
    public var queueTime: Duration?
    /// What becomes of a request that has waited for so long.
    public var queueEnd = QueueEnd.fulfilled
    /// What callers are told of how often to poll.
    public var pollInterval = Duration.seconds(1)

    /// As many instances as are asked for.
    public init() {}

    public enum QueueEnd: String, Hashable, Sendable, CaseIterable {
        /// One more instance is started for it.
        case fulfilled
        case aborted
    }
}
