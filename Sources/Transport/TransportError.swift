/// Why no complete answer came.
public struct TransportError: Error, Sendable {
    /// What went wrong.
    public var kind: Kind
    /// The request's address without its query.
    public var url: String
    /// False only if provably nothing of the request left this machine.
    public var mayHaveBeenSent: Bool
    /// More words on it, libcurl's as a rule; may be empty.
    public var detail: String

    /// An error for an address whose query is left out already.
    public init(_ kind: Kind, url: String, mayHaveBeenSent: Bool, detail: String = "") {
        self.kind = kind
        self.url = url
        self.mayHaveBeenSent = mayHaveBeenSent
        self.detail = detail
    }

    /// What can go wrong.
    public enum Kind: Sendable {
        /// The address is not one that a request can go to.
        case badURL
        /// A header field that could not stand on one line.
        case badHeader
        /// Plain http to a host other than loopback.
        case refusedInsecure
        case couldNotResolve
        case couldNotConnect
        /// The host's certificate was not accepted; trying again only helps once its authority is trusted.
        case certificateRefused
        /// The authorities to trust, or a certificate of our own, could not be read from their files.
        case certificateUnusable
        /// TLS could not be agreed on for another reason.
        case tlsFailed
        case timedOut(TimeLimit)
        /// Before the answer was complete.
        case connectionLost
        case malformedResponse
        /// Bytes allowed.
        case responseTooLarge(limit: Int)
        /// The body could not be read; with the source's own error.
        case bodySource(any Error)
        /// The answer could not be stored; with the sink's own error.
        case sink(any Error)
        /// The task was cancelled.
        case cancelled
        /// The transport was closed.
        case closed
        /// Any other CURLcode.
        case other(code: Int)
    }

    /// What a request must not wait for too long.
    public enum TimeLimit: Hashable, Sendable {
        /// A connection, with TLS.
        case connect
        /// The next byte, either way.
        case idle
        /// The first byte of the answer once the request is sent.
        case answer
        /// The last byte of an answer that is kept in memory.
        case wholeAnswer
    }
}

extension TransportError: CustomStringConvertible {
    public var description: String {
        let reason = "\(url): \(kind)"
        return detail.isEmpty ? reason : "\(reason) (\(detail))"
    }
}

extension TransportError.Kind: CustomStringConvertible {
    public var description: String {
        switch self {
        case .badURL: "not an address for a request"
        case .badHeader: "a header field is not well-formed"
        case .refusedInsecure: "plain http is allowed to this machine only"
        case .couldNotResolve: "the host's name could not be resolved"
        case .couldNotConnect: "could not connect"
        case .certificateRefused: "the host's certificate was not accepted"
        case .certificateUnusable: "a certificate's file can't be used"
        case .tlsFailed: "no TLS connection could be made"
        case .timedOut(.connect): "connecting took too long"
        case .timedOut(.idle): "no byte moved for too long"
        case .timedOut(.answer): "no answer came in time"
        case .timedOut(.wholeAnswer): "the answer came too slowly"
        case .connectionLost: "the connection was lost before the answer was complete"
        case .malformedResponse: "the answer is not HTTP"
        case .responseTooLarge(let limit): "the answer is larger than \(limit) bytes"
        case .bodySource(let error): "the body could not be read: \(error)"
        case .sink(let error): "the answer could not be stored: \(error)"
        case .cancelled: "cancelled"
        case .closed: "the transport was closed"
        case .other(let code): "the transfer failed with code \(code)"
        }
    }
}
