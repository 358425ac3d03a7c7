public import FoundationEssentials

/// A complete answer.
public struct HTTPResponse: Sendable {
    /// Status and header fields.
    public struct Head: Hashable, Sendable {
        /// 200 to 599; 1xx are skipped.
        public var status: Int
        public var headers: HTTPHeaders

        public init(status: Int, headers: HTTPHeaders = [:]) {
            self.status = status
            self.headers = headers
        }
    }

    public var head: Head
    /// Empty if the body went to a sink.
    public var body: Data

    public init(status: Int, headers: HTTPHeaders = [:], body: Data = Data()) {
        self.init(head: Head(status: status, headers: headers), body: body)
    }

    public init(head: Head, body: Data) {
        self.head = head
        self.body = body
    }

    public var status: Int { head.status }
    public var headers: HTTPHeaders { head.headers }
}
