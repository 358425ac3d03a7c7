public import FoundationEssentials

/// A complete answer.
public struct HTTPResponse: Sendable {
    /// Status and header fields.
    public struct Head: Hashable, Sendable {
        /// 200 to 599; 1xx are skipped.
        public var status: Int
        /// In the order in which they came.
        public var headers: HTTPHeaders

        /// A head, for tests and for the transport.
        public init(status: Int, headers: HTTPHeaders = [:]) {
            self.status = status
            self.headers = headers
        }
    }

    /// Status and header fields.
    public var head: Head
    /// Empty if the body went to a sink.
    public var body: Data

    /// An answer from its parts.
    public init(status: Int, headers: HTTPHeaders = [:], body: Data = Data()) {
        self.init(head: Head(status: status, headers: headers), body: body)
    }

    /// An answer with a head that is there already.
    public init(head: Head, body: Data) {
        self.head = head
        self.body = body
    }

    /// 200 to 599.
    public var status: Int { head.status }
    /// In the order in which they came.
    public var headers: HTTPHeaders { head.headers }
}
