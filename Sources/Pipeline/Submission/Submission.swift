import ClipModel
import Journal
import SystemIO
import Transport
import XboxServices

/// What all submissions of a run share: the connection to the services, the journal, the slots.
struct Submission: Sendable {
    private let connection: Connection
    private let submitter: ClipSubmitter
    private let slots: Slots

    /// By what requests go out and time is measured.
    struct Connection: Sendable {
        var transport: any HTTPTransport
        var clock: any Clock<Duration> = ContinuousClock()
        /// Ends it.
        var close: @Sendable () async -> Void = {}

        static func network() throws(RunError) -> Connection {
            do throws(TransportError) {
                let transport = try CurlTransport()
                return Connection(transport: transport, close: { await transport.close() })
            } catch {
                throw .service("the HTTP client can't be started: \(error)")
            }
        }
    }

    /// - Parameter connection: Nil for one of its own to the network.
    init(
        to target: ServiceTarget, journal: Journal, options: SubmitOptions, stop: StopSignal,
        observer: any BatchObserver, requests: (any RequestObserver)?, connection given: Connection? = nil
    ) throws(RunError) {
        connection = if let given { given } else { try .network() }
        var settings = ServiceSettings()
        settings.limits = target.limits
        settings.clock = connection.clock.stoppable(by: stop)
        let client: GameClipsClient
        do throws(HTTPURLError) {
            client = GameClipsClient(
                try ServiceSession(
                    target.endpoints, allowHosts: target.allowHosts, transport: connection.transport,
                    tokens: target.tokens,
                    settings: settings, observer: requests))
        } catch {
            throw .service(error.description)
        }
        submitter = ClipSubmitter(
            client: client, target: target, journal: journal,
            snapshot: RemoteClipsSnapshot(client), options: options, stop: stop,
            observer: observer, clock: connection.clock)
        slots = Slots(options.clipsInFlight)
    }

    func submit(_ contents: ClipContents, record: ClipRecord?) async throws(ClipFailure) -> ClipRecord {
        try await slots.withSlot { () throws(ClipFailure) in
            try await submitter.submit(contents, record: record)
        }
    }

    /// Ends the connections.
    func close() async {
        await connection.close()
    }

    var options: SubmitOptions { submitter.options }
}
