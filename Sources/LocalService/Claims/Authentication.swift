/// Looks up who asks, once for each request. Whether a call needs to know that is for the call to say.
struct Authentication: Middleware {
    let configuration: LocalService.Configuration
    let tokens: Tokens
    let faults: Faults

    func around(_ request: IncomingRequest, _ next: (IncomingRequest) -> Handling) -> Handling {
        var request = request
        do throws(Refusal) {
            request.caller = .success(
                try tokens.claims(
                    authorization: request.header("Authorization"), now: configuration.clock.now,
                    lifetime: faults.tokenLifetime))
        } catch {
            request.caller = .failure(error)
        }
        return next(request)
    }
}
