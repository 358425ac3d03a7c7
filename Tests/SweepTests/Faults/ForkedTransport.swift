import Transport

/// One of two transports, by the request.
struct ForkedTransport: HTTPTransport {
    typealias Condition = @Sendable (HTTPRequest) -> Bool

    let usual: any HTTPTransport
    let other: any HTTPTransport
    let takesOther: Condition

    func perform(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        try await (takesOther(request) ? other : usual).perform(request)
    }
}
