import ClipModel
import FoundationEssentials
import Support

/// What a service says about an error, from whichever of its error objects came.
public struct ServiceMessage: Hashable, Sendable, CustomStringConvertible {
    /// The service's own number.
    public var code: Int?
    /// One line of at most 500 characters.
    public var text: String?

    /// Reads ServiceErrorResponse, GameClipsServiceErrorResponse, ServiceError or the object that comes with
    /// a 429; nil if the body is none of them.
    init?(_ body: Data) {
        guard !body.isEmpty, let value = try? StrictJSON.decode([String: JSONValue].self, from: body) else {
            return nil
        }
        if let most = value["maxRequests"]?.int64, let period = value["periodInSeconds"]?.int64 {
            let count = value["currentRequests"]?.int64.map { "\($0) requests" } ?? "too many requests"
            text = "\(count) where \(most) in \(period) s are allowed"
            return
        }
        code = Self.first(of: ["errorCode", "errorResponseCode", "code"], in: value)?.int64.flatMap {
            Int(exactly: $0)
        }
        text = Self.first(of: ["errorMessage", "description"], in: value)?.text.map(Self.presentable)
        if let source = Self.first(of: ["errorSource", "source"], in: value)?.text {
            text = "\(Self.presentable(source)): \(text ?? "no message")"
        }
        if code == nil && text == nil { return nil }
    }

    private static func first(of names: [String], in object: [String: JSONValue]) -> JSONValue? {
        names.lazy.compactMap { object[$0] }.first { $0 != .null }
    }

    /// One line of a size that fits in a message, without control characters.
    private static func presentable(_ text: String) -> String {
        let visible = text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7f ? " " : Character($0) }
        return String(visible.prefix(500))
    }

    /// Whether it says, in the reference's words, that the user is over quota.
    var isOverQuota: Bool { text?.lowercased().contains("over quota") ?? false }

    public var description: String {
        switch (code, text) {
        case (let code?, let text?): "\(text) (code \(code))"
        case (let code?, nil): "code \(code)"
        case (nil, let text): text ?? ""
        }
    }
}
