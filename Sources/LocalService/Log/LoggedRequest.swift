public import ClipModel

/// What the request log says of a request.
///
/// Nothing of it is secret: no header, no query, and a token in a path is masked.
public struct LoggedRequest: Codable, Hashable, Sendable {
    /// Counts from 1, in the order in which the heads of requests came.
    public var number: Int
    /// When the head was there, by the service's clock.
    public var time: Timestamp
    /// When the answer was given, or the connection was given up; nil while the request is under way.
    public var answered: Timestamp?
    /// `GET`, `PUT`, ...
    public var method: String
    /// The path, percent-decoded, without its query.
    public var path: String
    /// Nil for a path or a method that is none of the service's.
    public var route: ServiceRoute?
    /// The clip that the path names, or that the initial request was given.
    public var clip: String?
    public var block: Int64?
    /// The session that a server was asked for.
    public var session: String?
    /// Nil if there was no answer.
    public var status: Int?
    /// `Retry-After`, as it was sent.
    public var retryAfter: String?
    /// The fault that was applied: the rule's name.
    public var fault: String?
    /// A call that changes something was carried out, whatever its caller was told.
    public var stored = false
    /// Bytes of the request's body.
    public var bytesReceived: Int64 = 0
    /// Bytes of the answer's body.
    public var bytesSent: Int64 = 0
    /// The answer went out whole.
    public var complete = false
}

/// Picks requests from the log; what is nil does not matter.
public struct RequestQuery: Hashable, Sendable {
    public var route: ServiceRoute?
    public var clip: String?
    public var block: Int64?
    public var session: String?
    public var status: Int?
    public var method: String?
    /// A rule's name.
    public var fault: String?
    /// Only requests with a fault, or only those without.
    public var faulty: Bool?
    public var stored: Bool?
    /// Only requests with a greater number.
    public var after = 0

    /// All requests.
    public init(route: ServiceRoute? = nil, clip: String? = nil, block: Int64? = nil) {
        self.route = route
        self.clip = clip
        self.block = block
    }

    func matches(_ request: LoggedRequest) -> Bool {
        func fits<Value: Equatable>(_ wanted: Value?, _ value: Value?) -> Bool { wanted == nil || wanted == value }
        return request.number > after && fits(route, request.route) && fits(clip, request.clip)
            && fits(block, request.block) && fits(session, request.session)
            && fits(status, request.status) && fits(method, request.method)
            && fits(fault, request.fault) && fits(faulty, request.fault != nil) && fits(stored, request.stored)
    }
}
