import Transport

/// Adds the `Authorization` header; on 401, once, with a fresh token.
struct AuthorisingCaller<Next: ServiceCaller>: ServiceCaller {
    let next: Next
    let tokens: TokenCache
    /// Nil for what the token and the service ask for.
    let form: AuthorizationForm?

    func answer(to call: ServiceCall) async throws(ServiceFailure) -> HTTPResponse {
        guard let token = try await token(for: call, otherThan: nil) else {
            throw ServiceFailure(call, .status(401, nil), .notAllowed)
        }
        let response = try await answer(to: call, with: token)
        guard response.status == 401, let fresh = try await self.token(for: call, otherThan: token) else {
            return response
        }
        return try await answer(to: call, with: fresh)
    }

    private func token(for call: ServiceCall, otherThan refused: Token?) async throws(ServiceFailure)
        -> Token?
    {
        do {
            return try await tokens.token(otherThan: refused)
        } catch is CancellationError {
            throw ServiceFailure(call, .cancelled, .retry(after: nil))
        } catch {
            throw ServiceFailure(call, .token(error), .notAllowed)
        }
    }

    private func answer(to call: ServiceCall, with token: Token) async throws(ServiceFailure) -> HTTPResponse {
        guard let authorization = token.authorization(for: call.service, form) else {
            throw ServiceFailure(call, .noUserHash, .notAllowed)
        }
        var call = call
        call.request.headers["Authorization"] = authorization
        return try await next.answer(to: call)
    }
}
