/// HTTP over libcurl's multi interface, on one thread of its own.
///
/// Certificates are verified, plain http goes to this machine only, proxies come from the environment as
/// libcurl reads it. The thread ends when the last reference to the transport goes away, or with `close()`.
public final class CurlTransport: HTTPTransport {
    private let loop: CurlLoop
    private let aheadTimeout: Duration

    /// Starts the thread.
    ///
    /// - Throws: `TransportError` if the system has no thread or no memory for it.
    public init(_ configuration: CurlConfiguration = CurlConfiguration()) throws(TransportError) {
        loop = try CurlLoop.start(configuration)
        aheadTimeout = configuration.aheadTimeout
    }

    deinit {
        loop.close()
    }

    /// As `HTTPTransport` says; fails without a byte sent for plain http to another machine or a bad header.
    public func perform(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        if let kind = refusal(of: request) {
            throw TransportError(kind, url: request.url.withoutQuery, mayHaveBeenSent: false)
        }
        let ticket = loop.newTicket()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                loop.start(Job(ticket: ticket, request: request, continuation: continuation))
                // A cancellation that came just before the start found nothing to cancel.
                if Task.isCancelled { loop.cancel(ticket) }
            }
        } onCancel: {
            loop.cancel(ticket)
        }
        return try result.get()
    }

    /// Opens connections that the next requests to `origin` find ready, by a request on each that asks for nothing
    /// (`HEAD /`); one that is idle is left to whoever has something to ask. What comes of it does not matter: a connection
    /// that is missing is opened when it is needed.
    ///
    /// - Returns: When all are answered, but after `aheadTimeout` at most, for each takes the place of a transfer.
    public func open(_ count: Int, to origin: HTTPOrigin) async {
        // An origin is the beginning of an address.
        guard count > 0, let url = try? HTTPURL(parsing: "\(origin)/") else { return }
        var opening = HTTPRequest(.head, url)
        opening.opensConnection = true
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                // It ends early when nobody waits for it any more.
                try? await Task.sleep(for: self.aheadTimeout)
                return true
            }
            for _ in 0..<count {
                group.addTask { [opening] in
                    // Whoever needs the connection is told what is wrong with it.
                    _ = try? await self.perform(opening)
                    return false
                }
            }
            var missing = count
            while missing > 0, let isLate = await group.next(), !isLate { missing -= 1 }
            group.cancelAll()
        }
    }

    /// Why a request is not even started.
    private func refusal(of request: HTTPRequest) -> TransportError.Kind? {
        if Task.isCancelled { return .cancelled }
        if !request.url.origin.isSecure && !request.url.origin.isLoopback { return .refusedInsecure }
        return request.headers.areWellFormed ? nil : .badHeader
    }

    /// Ends all transfers, which fail with `closed`, and returns when the thread has ended.
    public func close() async {
        loop.close()
        await loop.ended()
    }
}
