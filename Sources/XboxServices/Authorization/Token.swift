/// A token of the caller. It never shows: not in text, not in a dump.
public struct Token: Hashable, Sendable {
    let value: String
    /// Of `XBL3.0`, which user statistics and game server management need.
    let userHash: String?

    /// Nil if the token or the hash is empty or has anything but visible ASCII in it, which no header can
    /// carry; white space around a token read from a file is for the reader to remove.
    public init?(_ value: String, userHash: String? = nil) {
        guard Self.isVisible(value), userHash.map(Self.isVisible) ?? true else { return nil }
        self.value = value
        self.userHash = userHash
    }

    private static func isVisible(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }
}

extension Token: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// `***`
    public var description: String { "***" }
    /// `***`
    public var debugDescription: String { "***" }
    /// Empty, so that `dump` shows nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// How a token stands in `Authorization`.
public enum AuthorizationForm: String, Encodable, Hashable, Sendable, CaseIterable {
    /// `Xauth=<token>`, as the reference has it for GameClips.
    case xauth
    /// `XBL3.0 x=<userhash>;<token>`, as it has it for all other services, and as other clients send it to GameClips too.
    case xbl3
}

extension Token {
    /// The value of the `Authorization` header for a service; nil if that needs a user hash and there is
    /// none.
    ///
    /// - Parameter form: Nil for `xbl3`, and `xauth` for GameClips if there is no user hash.
    func authorization(for service: Service, _ form: AuthorizationForm?) -> String? {
        let xbl3 = userHash.map { "XBL3.0 x=\($0);\(value)" }
        let xauth = "Xauth=\(value)"
        return switch (form, service) {
        case (.xauth, _): xauth
        case (.xbl3, _): xbl3
        case (nil, .metadata), (nil, .transfer): xbl3 ?? xauth
        case (nil, .statistics), (nil, .compute): xbl3
        }
    }
}

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
