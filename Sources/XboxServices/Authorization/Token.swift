/// A token of the caller. It never shows: not in text, not in a dump.
public struct Token: Hashable, Sendable {
    let value: String
    /// Needed for user statistics and game server management.
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

extension Token {
    /// The value of the `Authorization` header for a service; nil if that needs a user hash and there is
    /// none.
    func authorization(for service: Service) -> String? {
        switch service {
        case .metadata, .transfer: "Xauth=\(value)"
        case .statistics, .compute: userHash.map { "XBL3.0 x=\($0);\(value)" }
        }
    }
}
