/// A request, complete but for what the transport adds (`Host`, `Content-Length`, `User-Agent`).
public struct HTTPRequest: Sendable {
    /// What is asked for.
    public var method: HTTPMethod
    /// Plain http is refused except for loopback.
    public var url: HTTPURL
    /// As they go out; a name or value that does not fit on one line fails the request.
    public var headers: HTTPHeaders
    /// What goes up with it.
    public var body: HTTPBody
    /// Where the answer's body goes.
    public var destination: HTTPDestination
    /// False if doing it twice does harm. Such a request goes out exactly once, on a connection that is new or was used a
    /// moment ago; others may be sent again without a word when a kept-alive connection turns out to be dead before any
    /// answer.
    public var isRepeatable: Bool
    /// On a connection of its own, and not on one that is idle.
    var opensConnection = false
    /// Called on the transport's thread with the bytes of the body that have left this machine so far,
    /// whenever that has changed. It must be quick.
    public var progress: (@Sendable (_ bytesSent: Int64) -> Void)?

    /// A request whose answer goes into memory, up to `HTTPDestination.usualLimit`.
    public init(
        _ method: HTTPMethod, _ url: HTTPURL, headers: HTTPHeaders = [:], body: HTTPBody = .none,
        isRepeatable: Bool = true
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.isRepeatable = isRepeatable
        destination = .memory(limit: HTTPDestination.usualLimit)
    }
}

/// The method of a request.
public enum HTTPMethod: String, Sendable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case delete = "DELETE"
}

/// Where the body of an answer goes.
public enum HTTPDestination: Sendable {
    /// Into `HTTPResponse.body`; more bytes than `limit` abort the transfer. The service may compress it on its way; it is
    /// counted and comes as it was before.
    case memory(limit: Int)
    /// In pieces to `sink`, if the status is 200 to 299; else into `HTTPResponse.body`, up to `usualLimit`.
    case sink(Sink)

    /// Called on the transport's thread; the bytes are valid during the call only. What it throws aborts the
    /// transfer and comes back as `TransportError.Kind.sink`.
    public typealias Sink =
        @Sendable (_ chunk: UnsafeRawBufferPointer, _ head: HTTPResponse.Head) throws -> Void

    /// 16 MiB.
    public static let usualLimit = 16 << 20

    var isMemory: Bool {
        switch self {
        case .memory: true
        case .sink: false
        }
    }
}
