import Transport

/// The lowest layer: sends to hosts that may have the request, and follows redirects.
struct RedirectingCaller: ServiceCaller {
    let transport: any HTTPTransport
    let hosts: HostPolicy

    func answer(to call: ServiceCall) async throws(ServiceFailure) -> HTTPResponse {
        var request = call.request
        if let refusal = hosts.refusal(of: request.url, from: call.referrer) {
            throw ServiceFailure(call, .refusedHost(refusal), .giveUp)
        }
        var redirects = RedirectPolicy(hosts)
        while true {
            let response: HTTPResponse
            do {
                response = try await transport.perform(request)
            } catch {
                if case .cancelled = error.kind {
                    throw ServiceFailure(call, .cancelled, RetryDecision.recovery(call, error))
                }
                throw ServiceFailure(call, .transport(error), RetryDecision.recovery(call, error))
            }
            switch redirects.next(after: request, response.head) {
            case .stop: return response
            case .follow(let following): request = following
            case .refuse(let refusal): throw ServiceFailure(call, .redirect(refusal), .giveUp)
            }
        }
    }
}
