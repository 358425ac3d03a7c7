import ClipModel
import Transport
public import XboxServices

/// A connection to the services of a run.
public struct ServiceLink: Sendable {
    /// What clients of the services are made from.
    public let session: ServiceSession
    private let connection: Connection

    /// By what requests go out and time is measured.
    struct Connection: Sendable {
        var transport: any HTTPTransport
        var clock: any Clock<Duration> = ContinuousClock()
        /// Ends it.
        var close: @Sendable () async -> Void = {}

        /// - Parameter options: Say how many connections there are, and what they may take.
        static func network(_ options: SubmitOptions) throws(RunError) -> Connection {
            var configuration = CurlConfiguration()
            configuration.connections = options.connections
            if let bandwidth = options.bandwidth { configuration.uploadLimit = { bandwidth.limit() } }
            do throws(TransportError) {
                let transport = try CurlTransport(configuration)
                return Connection(transport: transport, close: { await transport.close() })
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
        try self.init(to: target, stop: stop, requests: requests, connection: .network(SubmitOptions()))
    }

    init(
        to target: ServiceTarget, stop: StopSignal, requests: (any RequestObserver)?, connection: Connection
    ) throws(RunError) {
        self.connection = connection
        var settings = ServiceSettings()
        settings.limits = target.limits
        settings.clock = connection.clock.stoppable(by: stop)
        do throws(HTTPURLError) {
            session = try ServiceSession(
                target.endpoints, allowHosts: target.allowHosts, transport: connection.transport, tokens: target.tokens,
                settings: settings, observer: requests)
        } catch {
            throw .service(error.description)
        }
    }

    /// Ends the connections.
    public func close() async {
        await connection.close()
    }

    /// By which time is measured.
    var clock: any Clock<Duration> { connection.clock }
}
