import ClipModel
import Journal
import SystemIO
import XboxServices

/// What all submissions of a run share: the connection to the services, the journal, the slots.
struct Submission: Sendable {
    private let link: ServiceLink
    private let submitter: ClipSubmitter
    private let slots: Slots

    /// - Parameter connection: Nil for one of its own to the network.
    init(
        to target: ServiceTarget, journal: Journal, options: SubmitOptions, stop: StopSignal,
        observer: any BatchObserver, requests: (any RequestObserver)?, connection given: ServiceLink.Connection? = nil
    ) throws(RunError) {
        link = try ServiceLink(to: target, stop: stop, requests: requests, connection: given)
        let client = GameClipsClient(link.session)
        submitter = ClipSubmitter(
            client: client, target: target, journal: journal,
            snapshot: RemoteClipsSnapshot(client), options: options, stop: stop,
            observer: observer, clock: link.clock)
        slots = Slots(options.clipsInFlight)
    }

    func submit(_ contents: ClipContents, record: ClipRecord?) async throws(ClipFailure) -> ClipRecord {
        try await slots.withSlot { () throws(ClipFailure) in
            try await submitter.submit(contents, record: record)
        }
    }

    /// Ends the connections.
    func close() async {
        await link.close()
    }

    var options: SubmitOptions { submitter.options }
}
