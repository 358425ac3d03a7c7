/// An absolute http or https address without user information or fragment, parsed by libcurl's URL functions,
/// so that the host that is checked is the host that is connected to.
public struct HTTPURL: Hashable, Sendable {
    /// The whole address as it goes to libcurl.
    public let text: String
    /// Who is at the other end.
    public let origin: HTTPOrigin
    /// From the first slash on, percent-encoded.
    public let path: String
    /// What follows the question mark, percent-encoded; nil without one.
    public let query: String?

    /// Reads an absolute address.
    ///
    /// - Throws: `HTTPURLError` if it is not one, is not http or https, or has a user or a password in it.
    public init(parsing text: String) throws(HTTPURLError) {
        var handle = try URLHandle()
        try handle.set(text)
        try self.init(handle)
    }

    /// The address that `reference` means on this page: absolute, `//host/...`, `/path`, `path` or `?query`.
    public func resolving(_ reference: String) throws(HTTPURLError) -> HTTPURL {
        var handle = try URLHandle()
        try handle.set(text)
        try handle.set(reference)
        return try HTTPURL(handle)
    }

    /// This address with path segments added; each is percent-encoded, a slash in it too. The query is
    /// dropped.
    ///
    /// - Throws: `HTTPURLError` if a segment is empty, `.` or `..`, which would lead somewhere else.
    public func appending(_ segments: [String]) throws(HTTPURLError) -> HTTPURL {
        for segment in segments where ["", ".", ".."].contains(segment) {
            throw HTTPURLError(text, reason: "\"\(segment)\" can not be a part of a path")
        }
        let base = path.hasSuffix("/") ? String(path.dropLast()) : path
        let added = segments.map { "/" + PercentEncoding.segment($0) }.joined()
        return try HTTPURL(parsing: origin.description + base + added)
    }

    /// This address with parameters merged into its query: a parameter that is there already gives way to the
    /// new one, the others stay as they are.
    public func merging(_ parameters: [(name: String, value: String)]) throws(HTTPURLError) -> HTTPURL {
        let names = parameters.map { $0.name.lowercased() }
        let kept = queryItems.filter { !names.contains(PercentEncoding.decoded($0.name).lowercased()) }.map {
            String($0.text)
        }
        let added = parameters.map {
            "\(PercentEncoding.queryPart($0.name))=\(PercentEncoding.queryPart($0.value))"
        }
        let query = (kept + added).joined(separator: "&")
        return try HTTPURL(parsing: withoutQuery + (query.isEmpty ? "" : "?" + query))
    }

    /// Whether the query has a parameter of that name, in whatever case.
    public func hasParameter(_ name: String) -> Bool {
        queryItems.contains { PercentEncoding.decoded($0.name).lowercased() == name.lowercased() }
    }

    /// The address without its query: for messages and logs, since a query may hold a secret.
    public var withoutQuery: String { origin.description + path }

    private var queryItems: [(name: Substring, text: Substring)] {
        (query ?? "").split(separator: "&").map { ($0.prefix { $0 != "=" }, $0) }
    }

    private init(_ handle: borrowing URLHandle) throws(HTTPURLError) {
        origin = try HTTPOrigin(handle)
        path = try handle.part(.path)
        query = try handle.optionalPart(.query)
        text = origin.description + path + (query.map { "?" + $0 } ?? "")
    }
}

extension HTTPURL: CustomStringConvertible {
    /// Without the query.
    public var description: String { withoutQuery }
}

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
