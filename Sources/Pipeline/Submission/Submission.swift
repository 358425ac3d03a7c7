import ClipModel
import Journal
import SystemIO
import XboxServices

/// What all submissions of a run share: the connection to the services, the journal, the lanes.
struct Submission: Sendable {
    private let link: ServiceLink
    private let driver: SubmissionDriver
    private var rules: ClipSubmission.Rules

    /// - Parameter connection: Nil for one of its own to the network.
    init(
        to target: ServiceTarget, journal: Journal, options: SubmitOptions, stop: StopSignal,
        observer: any BatchObserver, requests: (any RequestObserver)?, connection given: ServiceLink.Connection? = nil
    ) throws(RunError) {
        let connection = if let given { given } else { try ServiceLink.Connection.network(options, target.tls) }
        link = try ServiceLink(to: target, stop: stop, requests: requests, connection: connection)
        let client = GameClipsClient(link.session)
        let stopwatch = Stopwatch(link.clock)
        driver = SubmissionDriver(
            client: client, target: target, journal: journal, index: RemoteIndex(client, stopwatch, target.polling),
            options: options, stop: stop, observer: observer, clock: link.clock, stopwatch: stopwatch,
            date: connection.date, lanes: SubmissionDriver.Lanes(width: options.clipsInFlight),
            blocks: FairSemaphore(options.blocksUnderWay))
        rules = ClipSubmission.Rules(options, target.polling, owner: journal.owner)
        rules.formerOwners = journal.formerOwners
        rules.start = Timestamp(seconds: connection.date().seconds - stopwatch.now.components.seconds)
    }

    /// Asks what the service has while the first clips are prepared, which then need not wait for the answer.
    func lookAhead(_ scid: String) async {
        if !link.isOnThisMachine { await driver.index.begin(scid) }
    }

    /// What came of a clip.
    struct Outcome: Sendable {
        /// What the journal knows of it.
        var record: ClipRecord?
        /// Why it is not where it should be; nil if it is.
        var failure: ClipFailure?
        /// The service had the clip, and was told of another caption, visibility or title data.
        var isUpdated = false
    }

    /// Takes a clip as far as the options say.
    ///
    /// - Parameters:
    ///   - record: What the journal knows of it.
    ///   - unanswered: When an id was last asked for whose answer is not known, at whatever address.
    ///   - superseded: Unfinished uploads of what the clip was before; they are removed.
    func submit(
        _ contents: ClipContents, record: ClipRecord?, unanswered: Timestamp? = nil,
        superseding superseded: [ClipRecord] = []
    ) async -> Outcome {
        async let _ = link.open(blocksAtOnce(contents, record), to: record?.uploadUri)
        for old in superseded { await withdraw(old, before: contents.clip) }
        do throws(ClipFailure) {
            var order = try contents.order()
            order.unanswered = unanswered
            let submission = ClipSubmission(order, by: rules)
            let (record, isUpdated, outcome) = await driver.run(submission, record, contents)
            if case .failure(let failure) = outcome { return Outcome(record: record, failure: failure) }
            return Outcome(record: record, isUpdated: isUpdated)
        } catch {
            return Outcome(record: record, failure: error)
        }
    }

    /// How many blocks of a clip will be on their way together at first.
    private func blocksAtOnce(_ contents: ClipContents, _ record: ClipRecord?) -> Int {
        min(rules.blocksInFlight, contents.blockCount - (record?.acknowledgedBlocks.count ?? 0))
    }

    /// Removes what is left of an upload that nobody goes on with, for its clip is another one by now. Whatever is in
    /// the way of that is worth a warning, not the clip: `clipship status --reconcile` finds it.
    private func withdraw(_ old: ClipRecord, before clip: String) async {
        // A row from before that was kept, which the clip's own need not be.
        guard let scid = old.scid else { return }
        let order = ClipSubmission.Order(
            key: old.key, name: clip, scid: scid, blockCount: 1, blockSize: 1, digests: Self.nothing,
            needsThumbnails: false)
        let ended = await driver.run(ClipSubmission(order, by: rules, for: .withdrawal), old, nil)
        guard case .failure(let failure) = ended.outcome, failure.kind != .interrupted else { return }
        driver.observer.observe(
            .warning(
                clip: clip,
                "the upload of what it was before stays on the service: \(failure); remove it with "
                    + "clipship status --reconcile --fix"))
    }

    /// Looks whether the service still has a clip that it had in full; the journal knows what came of it.
    func check(_ record: ClipRecord) async -> Outcome {
        guard let scid = record.scid else {
            let reason =
                "an older clipship submitted it, without noting its service configuration: it can't be looked for"
            return Outcome(record: record, failure: ClipFailure(.skipped, reason))
        }
        let order = ClipSubmission.Order(
            key: record.key, name: record.clip, scid: scid, blockCount: 1, blockSize: 1,
            digests: record.digests ?? Self.nothing, needsThumbnails: false)
        let ended = await driver.run(ClipSubmission(order, by: rules, for: .check), record, nil)
        guard case .failure(let failure) = ended.outcome else { return Outcome(record: ended.record) }
        return Outcome(record: ended.record, failure: failure)
    }

    private static let nothing = SubmissionDigests(contents: "", request: "", changeable: "")

    /// Ends the connections.
    func close() async {
        await driver.index.close()
        await link.close()
    }

    var options: SubmitOptions { driver.options }
}

extension ClipSubmission.Rules {
    init(_ options: SubmitOptions, _ polling: Polling, owner: String) {
        self.init(owner: owner)
        goal = options.waitFor
        recreates = options.recreates
        checksPublished = options.checksPublished
        whenChanged = options.whenChanged
        whenUnlisted = options.whenUnlisted
        takeOverAfter = options.takeOverAfter
        blocksInFlight = min(options.blocksInFlight ?? options.connections, options.connections)
        blocksOfShort = min(blocksInFlight, max(1, options.connections / options.clipsInFlight))
        self.polling = polling
    }
}

extension ClipContents {
    /// What is submitted of it.
    fileprivate func order() throws(ClipFailure) -> ClipSubmission.Order {
        guard let key = manifest.key else {
            throw ClipFailure(.permanent, "its manifest carries no marker of clipship in systemProperties")
        }
        do {
            return ClipSubmission.Order(
                key: key, name: clip, scid: manifest.scid, blockCount: blockCount,
                blockSize: manifest.blocks.size, digests: try manifest.submissionDigests(),
                needsThumbnails: manifest.request.thumbnailSource == .upload)
        } catch {
            throw ClipFailure(.temporary, "what its manifest says can't be compared with what was submitted: \(error)")
        }
    }
}
