import ClipModel
import FoundationEssentials
import Journal
import SystemIO
import XboxServices

/// Takes one clip to where the user wants it: carries out each `SubmissionStep` and records what came of it before
/// the next.
struct ClipSubmitter: Sendable {
    let client: GameClipsClient
    let target: ServiceTarget
    let journal: Journal
    let snapshot: RemoteClipsSnapshot
    let options: SubmitOptions
    let stop: StopSignal
    let observer: any BatchObserver
    let clock: any Clock<Duration>
    /// Time passed, by that clock.
    let stopwatch: Stopwatch
    /// Blocks in memory, of all clips together.
    let blocks: Slots
    let buffers = BufferPool(size: Int(BlockPlan.largestBlock.bytes))

    /// - Parameters:
    ///   - superseded: Unfinished uploads of what the clip was before; they are removed.
    ///   - lane: Where it waits for its turn, which is over when the last block is on its way; nil if it needs none.
    ///   - start: When the wait for its publication began, where that was before this.
    /// - Returns: the clip's last record: `published`, or `committed` when that was all that was asked for.
    func submit(
        _ contents: ClipContents, record: ClipRecord?, until goal: SubmitOptions.Goal,
        superseding superseded: [ClipRecord] = [], in lane: Slots? = nil, waitingSince start: Duration? = nil
    ) async throws(ClipFailure) -> ClipRecord {
        var options = options
        options.waitFor = goal
        guard let key = contents.manifest.key else {
            throw ClipFailure(.permanent, "its manifest carries no marker of clipship in systemProperties")
        }
        let manifest = contents.manifest
        let subject = Subject(key: key, name: manifest.clip, scid: manifest.scid, window: RetryWindow())
        let clip = Clip(subject: subject, contents: contents)
        var place = await lane?.place()
        var record = record
        var attempts = RequestAttempts()
        var hasSentAgain = false
        var waitingSince = start ?? stopwatch.now
        await remove(superseded, before: clip)
        if record == nil { record = try await adopt(subject, from: try await clipsAtStart(subject)) }
        while true {
            let step = SubmissionStep.next(after: record, blockCount: contents.blockCount, options: options)
            // All blocks were on their way, and yet there is more to send.
            if place == nil, step.sends { place = await lane?.place() }
            guard !stop.isRaised else { throw .interrupted }
            switch step {
            case .request:
                // A file that has changed needs no id.
                _ = try contents.open()
                record = try await request(clip, &attempts)
            case .reconcile:
                // What was asked for a moment ago may still be under way behind a gateway: let it come to its end.
                if let wait = try attempts.waitBeforeLooking() {
                    await stop.sleep(for: wait, clock: clock)
                    guard !stop.isRaised else { throw .interrupted }
                }
                record = try await reconcile(clip)
            case .upload(let blocks, let thumbnails):
                guard let current = record else { continue }
                record = try await upload(blocks, thumbnails, of: clip, current, leaving: place)
                place = nil
                waitingSince = stopwatch.now
            case .watch:
                guard let current = record else { continue }
                let seen = try await watch(clip, current, since: waitingSince)
                let sendsAgain = seen.state == .requested && seen.acknowledgedBlocks.isEmpty
                guard !sendsAgain || !hasSentAgain else {
                    throw ClipFailure(
                        .temporary, "the service acknowledges every block, twice by now, and still waits for some")
                }
                hasSentAgain = hasSentAgain || sendsAgain
                record = seen
            case .finished:
                if let record { return record }
            case .startOver:
                record = try await startOver(clip, record)
            case .failed(let reason):
                throw ClipFailure(.permanent, reason)
            }
        }
    }

    /// What an upload is of.
    struct Subject: Sendable {
        var key: String
        var name: String
        var scid: String
        /// All calls about one clip are one effort.
        var window: RetryWindow
    }

    /// A clip that is to be submitted.
    @dynamicMemberLookup
    struct Clip: Sendable {
        var subject: Subject
        var contents: ClipContents

        subscript<Value>(dynamicMember path: KeyPath<Subject, Value>) -> Value { subject[keyPath: path] }
    }

    /// Runs a write to the journal.
    func note<Value: Sendable>(_ write: @Sendable () async throws -> Value) async throws(ClipFailure) -> Value {
        do { return try await write() } catch { throw ClipFailure(journal: error) }
    }

    /// Makes a call to the service.
    func call<Value>(
        _ call: () async throws(ServiceFailure) -> Value
    ) async throws(ClipFailure) -> Value {
        do throws(ServiceFailure) { return try await call() } catch { throw ClipFailure(error) }
    }
}

// MARK: - An id

extension ClipSubmitter {
    /// Asks for an id; the journal knows before the service does. Nil: it may or may not have been issued.
    private func request(_ clip: Clip, _ attempts: inout RequestAttempts) async throws(ClipFailure) -> ClipRecord? {
        observer.observe(.stage(clip: clip.name, .requesting))
        let intent = try await note { try await journal.intend(clip.key, clip: clip.name, scid: clip.scid) }
        let answer: Open<InitialUploadResponse>
        do throws(ServiceFailure) {
            answer = try await client.initiateUpload(
                scid: clip.scid, clip.contents.manifest.request, window: clip.window)
        } catch {
            switch error.recovery {
            case .reconcile:
                attempts.noteLostAnswer(error)
                return intent
            case .giveUp, .notAllowed:
                // A plain no: there is nothing on the service to come back to.
                if error.status != nil { try await note { try await journal.forget(clip.key) } }
                throw ClipFailure(error)
            case .retry:
                throw ClipFailure(error)
            }
        }
        var stored = answer.named
        stored.uploadUri = target.stored(stored.uploadUri) ?? stored.uploadUri
        stored.largeThumbnailUri = target.stored(stored.largeThumbnailUri)
        stored.smallThumbnailUri = target.stored(stored.smallThumbnailUri)
        let response = stored
        let blocks = clip.contents.blockCount
        return try await note { try await journal.requested(intent, answer: response, blocks: blocks) }
    }

    /// Removes what is left of an upload that is over. Nil: an id may be asked for.
    private func startOver(_ clip: Clip, _ record: ClipRecord?) async throws(ClipFailure) -> ClipRecord? {
        if let id = record?.gameClipId {
            _ = try await call { () throws(ServiceFailure) in try await client.deleteClip(id, scid: clip.scid) }
        }
        try await note { try await journal.forget(clip.key) }
        return nil
    }

    /// A clip that this journal does not know may have come from another machine.
    func clipsAtStart(_ subject: Subject) async throws(ClipFailure) -> [Open<GameClip>] {
        try await call { () throws(ServiceFailure) in try await snapshot.clips(of: subject.key, scid: subject.scid) }
    }

    /// After an answer that may be lost: looks at what the service has. Nil: nothing, so an id may be asked for.
    private func reconcile(_ clip: Clip) async throws(ClipFailure) -> ClipRecord? {
        observer.observe(.stage(clip: clip.name, .reconciling))
        let remote = RemoteClips(client: client, scid: clip.scid)
        let found = try await call { () throws(ServiceFailure) in try await remote.byKey() }
        let record = try await adopt(clip.subject, from: found[clip.key] ?? [])
        if record == nil { try await note { try await journal.forget(clip.key) } }
        return record
    }

    /// Takes over the clip that is furthest; removes ids that can't be used, for their upload addresses are lost.
    func adopt(_ subject: Subject, from found: [Open<GameClip>]) async throws(ClipFailure) -> ClipRecord? {
        var adopted: ClipRecord?
        for candidate in found {
            guard let id = candidate.named.identifier, let candidate = try await fresh(candidate, id, subject) else {
                continue
            }
            switch (candidate.state ?? .none).outlook {
            case .published where adopted == nil, .underWay where adopted == nil:
                let isPublished = candidate.state == .published
                let record = ClipRecord(key: subject.key, clip: subject.name, scid: subject.scid, state: .intended)
                adopted = try await note {
                    try await journal.reached(isPublished ? .published : .committed, record, gameClipId: id)
                }
            case .waitingForBlocks:
                _ = try await call { () throws(ServiceFailure) in
                    try await client.deleteClip(id, scid: subject.scid)
                }
            case .published, .underWay, .lost:
                continue
            }
        }
        return adopted
    }

    /// What was waiting for its blocks when the list was made may be published by now, by another machine: whatever
    /// would be removed is looked at again. Nil if it is gone.
    private func fresh(
        _ listed: Open<GameClip>, _ id: String, _ subject: Subject
    ) async throws(ClipFailure) -> Open<GameClip>? {
        (listed.state ?? .none).outlook == .waitingForBlocks ? try await clip(id, of: subject) : listed
    }

    /// Nil if it is gone.
    func clip(_ id: String, of subject: Subject) async throws(ClipFailure) -> Open<GameClip>? {
        do throws(ServiceFailure) {
            return try await client.clip(id, scid: subject.scid, window: subject.window)
        } catch {
            if error.status == 404 { return nil }
            throw ClipFailure(error)
        }
    }
}

// MARK: - Its state

extension ClipSubmitter {
    /// Asks for the state until the service has everything (while `requested`) or has published the clip; at least once,
    /// however long ago `start` was.
    private func watch(
        _ clip: Clip, _ record: ClipRecord, since start: Duration
    ) async throws(ClipFailure) -> ClipRecord {
        guard let id = record.gameClipId else {
            return ClipRecord(key: clip.key, clip: clip.name, scid: clip.scid, state: .intended)
        }
        observer.observe(.stage(clip: clip.name, .processing))
        var wait = target.polling.first
        var waited = Duration.zero
        while true {
            guard let remote = try await self.clip(id, of: clip.subject) else {
                let reason = "the service has no such clip any more; run again with --recreate to begin another upload"
                return try await note { try await journal.reached(.failed, record, reason: reason) }
            }
            let state = remote.state ?? .none
            switch state.outlook {
            case .published:
                return try await note { try await journal.reached(.published, record) }
            case .lost:
                let reason = "the service ended the clip in the state \(state)"
                return try await note { try await journal.reached(.failed, record, reason: reason) }
            case .underWay where record.state == .requested:
                return try await note { try await journal.reached(.committed, record) }
            case .waitingForBlocks where waited > target.polling.longest && record.state == .requested:
                // Every block was acknowledged and yet some are missing: they go up again.
                return try await note { try await journal.forgetBlocks(of: record) }
            case .underWay, .waitingForBlocks:
                break
            }
            let left = start + target.polling.limit - stopwatch.now
            guard left > .zero else {
                let seconds = target.polling.limit / .seconds(1)
                throw ClipFailure(
                    .temporary,
                    "uploaded, not yet published (\(state)) after \(Int(seconds)) s; run the same command again to go on"
                )
            }
            await stop.sleep(for: min(wait, left), clock: clock)
            guard !stop.isRaised else { throw .interrupted }
            waited += wait
            wait = target.polling.next(after: wait)
        }
    }
}
