import ClipModel
import Transport
public import XboxServices

/// A connection to the services of a run.
public struct ServiceLink: Sendable {
    /// What clients of the services are made from.
    public let session: ServiceSession
    private let transport: CurlTransport

    /// - Parameters:
    ///   - stop: Waiting for a service ends when it is raised.
    ///   - requests: Sees every request.
    public init(
        to target: ServiceTarget, stop: StopSignal, requests: (any RequestObserver)? = nil
    ) throws(RunError) {
        do throws(TransportError) {
            transport = try CurlTransport()
        } catch {
            throw .service("the HTTP client can't be started: \(error)")
        }
        var settings = ServiceSettings()
        settings.clock = StoppableClock(stop: stop)
        do throws(HTTPURLError) {
            session = try ServiceSession(
                target.endpoints, allowHosts: target.allowHosts, transport: transport, tokens: target.tokens,
                settings: settings, observer: requests)
        } catch {
            throw .service(error.description)
        }
    }

    /// Ends the connections.
    public func close() async {
        await transport.close()
    }
}
