import CCurl

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

extension CurlFailure {
    /// What the code means for a caller; `wasSent` tells a failure of ours from one of the service.
    func kind(wasSent: Bool) -> TransportError.Kind {
        switch code {
        case CURLE_URL_MALFORMAT: .badURL
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .couldNotResolve
        case CURLE_COULDNT_CONNECT, CURLE_PROXY: .couldNotConnect
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS:
            .certificateRefused
        case CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM: .certificateUnusable
        case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_USE_SSL_FAILED: .tlsFailed
        case CURLE_OPERATION_TIMEDOUT: .timedOut(.connect)
        // Before the request is out, a broken connection is one that was not made: a proxy that hung up, say.
        case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_HTTP2,
            CURLE_HTTP2_STREAM:
            wasSent ? .connectionLost : .couldNotConnect
        case CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING: .malformedResponse
        // "HTTP/0.9 when not allowed": the answer does not begin with a status line.
        case CURLE_UNSUPPORTED_PROTOCOL where wasSent: .malformedResponse
        default: .other(code: Int(code.rawValue))
        }
    }
}
