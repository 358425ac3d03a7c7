import ClipModel
import Journal
import SystemIO
import Transport
import XboxServices

/// What all submissions of a run share: the connection to the services, the journal, the slots.
struct Submission: Sendable {
    private let transport: CurlTransport
    private let submitter: ClipSubmitter
    private let slots: Slots

    init(
        to target: ServiceTarget, journal: Journal, options: SubmitOptions, stop: StopSignal,
        observer: any BatchObserver, requests: (any RequestObserver)?
    ) throws(RunError) {
        do throws(TransportError) {
            transport = try CurlTransport()
        } catch {
            throw .service("the HTTP client can't be started: \(error)")
        }
        var settings = ServiceSettings()
        settings.clock = StoppableClock(stop: stop)
        let client: GameClipsClient
        do throws(HTTPURLError) {
            client = GameClipsClient(
                try ServiceSession(
                    target.endpoints, allowHosts: target.allowHosts, transport: transport, tokens: target.tokens,
                    settings: settings, observer: requests))
        } catch {
            throw .service(error.description)
        }
        submitter = ClipSubmitter(
            client: client, target: target, journal: journal,
            snapshot: RemoteClipsSnapshot(client), options: options, stop: stop,
            observer: observer)
        slots = Slots(options.clipsInFlight)
    }

    func submit(_ contents: ClipContents, record: ClipRecord?) async throws(ClipFailure) -> ClipRecord {
        try await slots.withSlot { () throws(ClipFailure) in
            try await submitter.submit(contents, record: record)
        }
    }

    /// Ends the connections.
    func close() async {
        await transport.close()
    }

    var options: SubmitOptions { submitter.options }
}
