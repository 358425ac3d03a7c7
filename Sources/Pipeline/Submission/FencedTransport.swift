import SystemIO
import Transport

/// Sends nothing any more once somebody else has taken over, and nothing while that can't be seen.
struct FencedTransport: HTTPTransport {
    /// Whether nobody else has; throws where that can't be looked at.
    typealias Check = @Sendable () async throws(FileError) -> Bool

    private let transport: any HTTPTransport
    private let mayCall: Check

    init(_ transport: any HTTPTransport, mayCall: @escaping Check) {
        self.transport = transport
        self.mayCall = mayCall
    }

    func perform(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        let mayCall: Bool
        do throws(FileError) {
            mayCall = try await self.mayCall()
        } catch {
            // As if the way to the service were broken: it is asked again a little later, as long as that makes sense.
            throw refusal(
                of: request, .couldNotConnect, "it can't be seen whether somebody else has taken over: \(error)")
        }
        guard mayCall else { throw refusal(of: request, .cancelled, "somebody else has taken over") }
        return try await transport.perform(request)
    }

    private func refusal(of request: HTTPRequest, _ kind: TransportError.Kind, _ detail: String) -> TransportError {
        TransportError(kind, url: request.url.description, mayHaveBeenSent: false, detail: detail)
    }
}
