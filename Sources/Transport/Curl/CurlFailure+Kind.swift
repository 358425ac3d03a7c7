import CCurl

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
