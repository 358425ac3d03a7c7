/// Why a text is not an address that a request can go to.
public struct HTTPURLError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The text without what may be secret in it, and not longer than a message can hold.
    public let text: String
    /// Such as `Bad scheme`, libcurl's words as a rule.
    public let reason: String

    /// What comes after `?` or `#`, and any user, is left out of `text`.
    public init(_ text: String, reason: String) {
        let visible = text.prefix { $0 != "?" && $0 != "#" }
        self.text = visible.contains("@") ? "an address with a user in it" : String(visible.prefix(200))
        self.reason = reason
    }

    public var description: String { "\(text): \(reason)" }
}
