import ClipModel
import FoundationEssentials
import SystemIO
import Transport
public import XboxServices

/// A connection to the services of a run.
public struct ServiceLink: Sendable {
    /// What clients of the services are made from.
    public let session: ServiceSession
    private let connection: Connection
    private let target: ServiceTarget

    /// By what requests go out and time is measured.
    struct Connection: Sendable {
        var transport: any HTTPTransport
        var clock: any Clock<Duration> = ContinuousClock()
        /// Tells how long ago others have asked for an id.
        var date: @Sendable () -> Timestamp = { Timestamp(Date()) }
        /// Ends it.
        var close: @Sendable () async -> Void = {}
        /// Opens so many more connections to a host, as far as there may be more.
        var open: @Sendable (_ count: Int, _ origin: HTTPOrigin) async -> Void = { _, _ in }

        /// - Parameter options: Say how many connections there are, and what they may take.
        static func network(_ options: SubmitOptions, _ tls: TLSFiles) throws(RunError) -> Connection {
            var configuration = CurlConfiguration()
            configuration.authorities = tls.authorities
            configuration.clientCertificate = tls.clientCertificate
            configuration.connections = options.connections
            if let bandwidth = options.bandwidth { configuration.uploadLimit = { bandwidth.limit() } }
            do throws(TransportError) {
                let transport = try CurlTransport(configuration)
                // One is open already when the first clip is looked for.
                let room = Locked(options.connections - 1)
                return Connection(transport: transport, close: { await transport.close() }) { wanted, origin in
                    // On this machine it takes no time.
                    guard !origin.isLoopback else { return }
                    let count = room.withLock { room in
                        let count = min(room, wanted)
                        room -= count
                        return count
                    }
                    await transport.open(count, to: origin)
                }
            } catch {
                throw .service("the HTTP client can't be started: \(error)")
            }
        }
    }

    /// - Parameters:
    ///   - stop: Waiting for a service ends when it is raised.
    ///   - requests: Sees every request.
    public init(
        to target: ServiceTarget, stop: StopSignal, requests: (any RequestObserver)? = nil
    ) throws(RunError) {
        try self.init(to: target, stop: stop, requests: requests, connection: .network(SubmitOptions(), target.tls))
    }

    init(
        to target: ServiceTarget, stop: StopSignal, requests: (any RequestObserver)?, connection: Connection
    ) throws(RunError) {
        self.connection = connection
        self.target = target
        var settings = ServiceSettings()
        settings.limits = target.limits
        settings.authorization = target.authorization
        if let time = target.retryTime { settings.backOff.window = time }
        settings.clock = connection.clock.stoppable(by: stop)
        do throws(HTTPURLError) {
            session = try ServiceSession(
                target.endpoints, allowHosts: target.allowHosts,
                transport: target.mayCall.map { FencedTransport(connection.transport, mayCall: $0) }
                    ?? connection.transport, tokens: target.tokens,
                settings: settings, observer: requests)
        } catch {
            throw .service(error.description)
        }
    }

    /// Opens connections for so many transfers, so that they are there when the clip's turn comes. To a host that may not
    /// have them there is none.
    ///
    /// - Parameter address: Where they will go, in full or at the service; nil if that isn't known yet, when the service
    ///   itself is a good guess.
    func open(_ count: Int, to address: String?) async {
        // One that can't be read is told of when it is used.
        let url = address.flatMap { try? HTTPURL(parsing: $0) } ?? target.endpoints.metadata
        if session.mayReach(url) { await connection.open(count, url.origin) }
    }

    /// Ends the connections.
    public func close() async {
        await connection.close()
    }

    /// An answer takes no time worth saving.
    var isOnThisMachine: Bool { target.endpoints.metadata.origin.isLoopback }

    /// By which time is measured.
    var clock: any Clock<Duration> { connection.clock }
}
