/// Where tokens come from: a variable, a file, a command.
public protocol TokenSource: Sendable {
    /// A token; a fresh one if `stale` is given, which a service has refused. Returning the same one again
    /// says that there is no fresh one.
    ///
    /// At most one call is under way at a time.
    func token(replacing stale: Token?) async throws -> Token
}

/// One token for good.
public struct FixedToken: TokenSource {
    private let token: Token

    /// Always this one.
    public init(_ token: Token) {
        self.token = token
    }

    /// The one token, also when it was refused.
    public func token(replacing stale: Token?) async throws -> Token { token }
}
