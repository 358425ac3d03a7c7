public import ClipModel

/// How the request for a server instance ended in this run.
public struct ServerOutcome: Hashable, Sendable {
    public var report: ServerReport
    /// Why clips are not submitted; nil if they may be.
    public var failure: ClipFailure?
}
