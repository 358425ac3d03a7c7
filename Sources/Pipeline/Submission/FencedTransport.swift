import Transport

/// Sends nothing any more once somebody else has taken over.
struct FencedTransport: HTTPTransport {
    private let transport: any HTTPTransport
    private let mayCall: @Sendable () async -> Bool

    init(_ transport: any HTTPTransport, mayCall: @escaping @Sendable () async -> Bool) {
        self.transport = transport
        self.mayCall = mayCall
    }

    func perform(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        guard await mayCall() else {
            throw TransportError(
                .cancelled, url: request.url.description, mayHaveBeenSent: false, detail: "somebody else has taken over"
            )
        }
        return try await transport.perform(request)
    }
}
