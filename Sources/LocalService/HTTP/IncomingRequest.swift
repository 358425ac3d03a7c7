/// The head of a request: everything but its body.
struct IncomingRequest: Sendable {
    let method: String
    let target: RequestTarget
    /// Where its path leads.
    let route: Route
    /// Values by lower-case name, in the order in which they came.
    let headers: [String: [String]]

    /// Who asks, once the token was looked up.
    var caller: Result<Claims, Refusal> = .failure(.unauthorised("nobody has looked at the token"))

    /// A header field as it came.
    struct Field: Hashable, Sendable {
        var name: String
        var value: String
    }

    init(method: String, target: RequestTarget, fields: [Field]) {
        self.method = method
        self.target = target
        route = Route(target.segments)
        headers = Dictionary(grouping: fields) { $0.name.lowercased() }.mapValues { $0.map(\.value) }
    }

    /// What the token says of its bearer.
    ///
    /// - Throws: 401 where there is none that is good.
    func claims() throws(Refusal) -> Claims { try caller.get() }

    /// The header's value if it is there exactly once.
    func header(_ name: String) -> String? {
        guard let values = headers[name.lowercased()], values.count == 1 else { return nil }
        return values[0]
    }

    /// `Content-Length`; nil where the body's size is not said in advance, or there is no body.
    var contentLength: Int64? { header("content-length").flatMap { Int64($0) } }

    /// Whether a body follows the head.
    var hasBody: Bool { (contentLength ?? 0) > 0 || headers["transfer-encoding"] != nil }

    /// The client waits for `100 Continue` before it sends the body.
    var waitsBeforeBody: Bool { header("expect")?.lowercased() == "100-continue" }
}
