public import Support
public import Transport

/// Why a call to a service did not give what it should.
public struct ServiceFailure: Error, Sendable {
    /// What was being done, such as `the initial upload request`.
    public var call: String
    /// The address without its query.
    public var url: String
    /// What went wrong.
    public var kind: Kind
    /// What may be done about it.
    public var recovery: Recovery
    /// How often it was tried.
    public var attempts = 1

    /// What can go wrong.
    public enum Kind: Sendable {
        /// A status that is no success, with what the service says about it.
        case status(Int, ServiceMessage?)
        case transport(TransportError)
        /// An address, the service's or ours, that is not one.
        case badAddress(HTTPURLError)
        case refusedHost(HostRefusal)
        case redirect(RedirectRefusal)
        /// The answer is not JSON.
        case notJSON(StrictJSON.SyntaxError)
        /// The answer is JSON but not what it should be.
        case unexpectedJSON(String)
        /// The request can not be written as JSON.
        case unwritable(String)
        /// Whatever gives us tokens failed.
        case token(any Error)
        /// The token lacks the user hash that this service needs.
        case noUserHash
        /// The service asked for a pause that is longer than what is left of the time to try.
        case paused(Duration)
        /// The list of clips goes in circles.
        case pagesRepeat
        /// A list is longer than any that makes sense; how many pages were read.
        case pagesDoNotEnd(Int)
        /// What came down is not what was asked for.
        case wrongRange(String)
        case cancelled
    }

    init(_ call: ServiceCall, _ kind: Kind, _ recovery: Recovery) {
        self.call = call.name
        url = call.request.url.withoutQuery
        self.kind = kind
        self.recovery = recovery
    }

    init(call: String, url: String = "", _ kind: Kind, _ recovery: Recovery) {
        self.call = call
        self.url = url
        self.kind = kind
        self.recovery = recovery
    }

    /// What was to be sent could not be read.
    public var isOfTheBody: Bool {
        if case .transport(let error) = kind, case .bodySource = error.kind { true } else { false }
    }

    /// What the user can do about it, where that is known; for the end of a message.
    public var remedy: String? {
        guard case .transport(let error) = kind else { return nil }
        return switch error.kind {
        case .certificateRefused:
            "if it is the right host, name its authority: --ca FILE, the pipeline's service.certificates, or "
                + "SSL_CERT_FILE; then run the same command again to go on"
        case .certificateUnusable:
            "mend the files that --ca, service.certificates, service.clientCertificate or SSL_CERT_FILE name; then run "
                + "the same command again to go on"
        default: nil
        }
    }

    /// The status that the service answered, if that is what failed.
    public var status: Int? {
        if case .status(let status, _) = kind { status } else { nil }
    }
}

extension ServiceFailure: CustomStringConvertible {
    public var description: String {
        let count = attempts > 1 ? " (tried \(attempts) times)" : ""
        let place = url.isEmpty ? "" : " (\(url))"
        let hint = remedy.map { "; \($0)" } ?? ""
        switch kind {
        case .transport(let error): return "\(call): \(error)\(count)\(hint)"
        default: return "\(call)\(place): \(kind)\(count)\(hint)"
        }
    }
}

extension ServiceFailure.Kind: CustomStringConvertible {
    public var description: String {
        switch self {
        case .status(401, let message):
            "the service rejected the credentials (401)" + (message.map { ": \($0)" } ?? "")
                + "; get a new token, then run again"
        case .status(let status, let message):
            "the service answered \(status)" + (message.map { ": \($0)" } ?? "")
        case .transport(let error): "\(error)"
        case .badAddress(let error): "not an address to use: \(error)"
        case .refusedHost(let refusal): "\(refusal)"
        case .redirect(let refusal): "\(refusal)"
        case .notJSON(let error): "the answer is \(error)"
        case .unexpectedJSON(let reason): "the answer is not what it should be: \(reason)"
        case .unwritable(let reason): "the request can not be written: \(reason)"
        case .token(let error): "no token: \(error); mend that, then run again"
        case .noUserHash: "the token comes without the user hash that this service needs"
        case .paused(let duration): "the service asked for a pause of \(duration), longer than the time left"
        case .pagesRepeat: "the list of clips goes in circles"
        case .pagesDoNotEnd(let count): "the list of clips does not end: \(count) pages were read"
        case .wrongRange(let reason): "the answer is not the part that was asked for: \(reason)"
        case .cancelled: "cancelled"
        }
    }
}

/// What a caller may do about a failure.
public enum Recovery: Hashable, Sendable {
    /// The same call may be made again, not before `after` has passed.
    case retry(after: Duration?)
    /// The call may have had its effect: ask the service what it has before making it again.
    case reconcile
    /// Something on this machine stands in the way, such as an authority that is not trusted: the same call works once
    /// that is mended.
    case mendHere
    /// It will not work, however often it is tried.
    case giveUp
    /// The service says no to the caller: token, claims. Trying again only helps once that is mended.
    case notAllowed
}
