/// How `CurlTransport` behaves.
public struct CurlConfiguration: Sendable {
    /// Transfers at the same time, and connections in all, idle ones included; the rest wait in their order.
    public var connections = 16
    /// For the look-up of the name, the connection and TLS together.
    public var connectTimeout = Duration.seconds(10)
    /// Without a byte either way while a body is on its way up or down.
    public var idleTimeout = Duration.seconds(30)
    /// For the first byte of the answer once the request is sent.
    public var answerTimeout = Duration.seconds(60)
    /// From the first byte to the last of an answer that is kept in memory, or to the next `leastBytes` of one that is not.
    public var wholeAnswerTimeout = Duration.seconds(120)
    /// Bytes of an answer that have to come in that time, however long it takes in all.
    public var leastBytes: Int64 = 120_000
    /// For connections that are opened ahead: then whoever waits for them goes on without.
    public var aheadTimeout = Duration.seconds(2)
    /// How long a connection may have rested, in whole seconds, for a request on it that must not be sent twice.
    public var restLimit = Duration.seconds(2)
    /// The `User-Agent` header.
    public var userAgent = "clipship"
    /// Whose certificates are believed, an HTTPS proxy's too; nil for the system's authorities.
    public var authorities: TrustedAuthorities?
    /// What is shown to a service that asks who is calling.
    public var clientCertificate: ClientCertificate?
    /// Over TLS, if the host offers it.
    public var allowsHTTP2 = true
    /// Bytes that are read from a body at a time, for each transfer, 16 KiB to 2 MiB: few enough to stay in the
    /// processor's cache on their way to the system.
    public var uploadBuffer = 64 << 10
    /// Bytes a second for all bodies that go up together, nil for no limit; asked about once a second.
    public var uploadLimit: (@Sendable () -> Int64?)?

    /// The defaults.
    public init() {}
}
