import ClipModel
import Journal
import SystemIO
import XboxServices

/// What all submissions of a run share: the connection to the services, the journal, the lanes.
struct Submission: Sendable {
    private let link: ServiceLink
    private let submitter: ClipSubmitter
    private let lanes: Lanes

    /// Where clips wait for their turn, each lane as wide as `clipsInFlight`. One leaves its place as soon as its last
    /// block is on its way, for the service may take long to answer that one.
    private struct Lanes: Sendable {
        /// Clips of many blocks.
        let long: Slots
        /// Clips whose blocks all go up at once, which must not wait until hours of others are up.
        let short: Slots
        /// Clips that the service has and works on: that takes its time and none of ours. Whoever has waited long here
        /// is mostly published when asked for the first time.
        let watched: Slots

        init(width: Int) {
            (long, short, watched) = (Slots(width), Slots(width), Slots(width))
        }
    }

    /// - Parameter connection: Nil for one of its own to the network.
    init(
        to target: ServiceTarget, journal: Journal, options: SubmitOptions, stop: StopSignal,
        observer: any BatchObserver, requests: (any RequestObserver)?, connection given: ServiceLink.Connection? = nil
    ) throws(RunError) {
        let connection = if let given { given } else { try ServiceLink.Connection.network(options) }
        link = try ServiceLink(to: target, stop: stop, requests: requests, connection: connection)
        let client = GameClipsClient(link.session)
        submitter = ClipSubmitter(
            client: client, target: target, journal: journal,
            snapshot: RemoteClipsSnapshot(client), options: options, stop: stop,
            observer: observer, clock: link.clock, stopwatch: Stopwatch(link.clock), blocks: Slots(options.connections))
        lanes = Lanes(width: options.clipsInFlight)
    }

    /// Takes a clip as far as `options` say.
    ///
    /// - Parameter superseded: Unfinished uploads of what the clip was before; they are removed.
    func submit(
        _ contents: ClipContents, record: ClipRecord?, superseding superseded: [ClipRecord] = []
    ) async throws(ClipFailure) -> ClipRecord {
        var record = record
        // Once, with whatever is done first.
        var superseded = superseded
        if record?.state != .committed {
            let lane = contents.blockCount <= options.blocksInFlight ? lanes.short : lanes.long
            record = try await submitter.submit(
                contents, record: record, until: .uploaded, superseding: superseded, in: lane)
            superseded = []
        }
        guard let record, options.waitFor == .published, record.state != .published else {
            return try await submitter.submit(contents, record: record, until: options.waitFor)
        }
        // The service works on it from now on, or has before, however long it waits for its turn to be asked about.
        let start = submitter.stopwatch.now
        return try await lanes.watched.withSlot { () throws(ClipFailure) in
            try await submitter.submit(
                contents, record: record, until: .published, superseding: superseded, waitingSince: start)
        }
    }

    /// Ends the connections.
    func close() async {
        await link.close()
    }

    var options: SubmitOptions { submitter.options }
}
