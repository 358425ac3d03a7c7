/// HTTP over libcurl's multi interface, on one thread of its own.
///
/// Certificates are verified, plain http goes to this machine only, proxies come from the environment as
/// libcurl reads it. The thread ends when the last reference to the transport goes away, or with `close()`.
public final class CurlTransport: HTTPTransport {
    private let loop: CurlLoop

    /// Starts the thread.
    ///
    /// - Throws: `TransportError` if the system has no thread or no memory for it.
    public init(_ configuration: CurlConfiguration = CurlConfiguration()) throws(TransportError) {
        loop = try CurlLoop.start(configuration)
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
