/// One HTTP exchange, as small as it can be: what tests replace and what decorators wrap.
public protocol HTTPTransport: Sendable {
    /// Sends a request and returns the whole answer, whatever its status.
    ///
    /// Redirects are not followed. Cancelling the task aborts the transfer.
    ///
    /// - Throws: `TransportError` if no complete answer came; it says whether the request may have arrived.
    func perform(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse
}
