import ClipModel
import FoundationEssentials
import Journal
import SystemIO

/// Does for one clip of a pipeline what is left to do.
struct ClipWork: Sendable {
    let workspace: Workspace
    let preparer: ClipPreparer
    /// Of the clips for which media may still be looked at.
    let unprepared: CountDownLatch
    let submission: Submission?
    /// Of each session; nil: no server is asked for.
    let servers: [ServerGate?]
    let rows: BatchRows
    let reading: BlockingPool
    let settling: WriteSettling
    let stop: StopSignal
    let observer: any BatchObserver
    /// Two sessions may have the same clip, of the same content and name; it is submitted once.
    private let outcomes = SharedOutcomes()

    init(
        workspace: Workspace, preparer: ClipPreparer, unprepared: CountDownLatch, submission: Submission?,
        servers: [ServerGate?], rows: BatchRows, reading: BlockingPool, settling: WriteSettling, stop: StopSignal,
        observer: any BatchObserver
    ) {
        self.workspace = workspace
        self.preparer = preparer
        self.unprepared = unprepared
        self.submission = submission
        self.servers = servers
        self.rows = rows
        self.reading = reading
        self.settling = settling
        self.stop = stop
        self.observer = observer
    }

    /// Prepares the clip unless that has been done, then submits it.
    ///
    /// - Parameter place: Among those that are prepared; it is left for the next one then.
    func row(for clip: PlannedClip, from permit: AsyncSemaphore.Permit) async -> BatchOutcome.Row {
        let (name, file) = (clip.file.name, clip.file.path)
        let (manifest, record): (Manifest, PreparedRecord)
        do throws(ClipFailure) {
            (manifest, record) = try await prepare(clip)
        } catch {
            // "Failed" is for good: what was interrupted, or is temporary, was only left out.
            let state: BatchReport.State = error.kind == .permanent ? .failed : .skipped
            return rows.row(name, file: file, state, failure: error)
        }
        permit.release()
        let path = workspace.output.manifest(of: name)
        guard let submission else {
            return rows.row(
                name, file: file, .ready, manifest: path, summary: ClipSummary(manifest), checks: manifest.checks)
        }
        await workspace.keep(manifest, at: path, file: file)
        if let failure = await servers[clip.session]?.failure() {
            return rows.row(holdingBack: manifest, named: name, at: path, file: file, because: failure)
        }
        observer.observe(.stage(clip: name, .waiting))
        let outcome = await outcomes.outcome(of: manifest.key ?? name) { [workspace, reading] in
            await workspace.submit(
                manifest, named: name, at: path, file: file, prepared: record, by: submission, reading)
        }
        return rows.row(manifest, named: name, at: path, file: file, outcome)
    }

    private func prepare(_ clip: PlannedClip) async throws(ClipFailure) -> (Manifest, PreparedRecord) {
        defer { unprepared.count() }
        if var record = workspace.known.recordOfInput(of: clip), let found = try await finding(record, of: clip) {
            switch found {
            case .asWritten(let manifest, let files):
                if files != record.files {
                    record.files = files
                    await save(record)
                }
                return (manifest, record)
            case .changed(let name):
                observer.observe(
                    .warning(
                        clip: clip.file.name, "its \(name) was changed after clipship wrote it; it is written again"))
            case .incomplete: break
            }
        }
        guard !stop.isRaised else { throw .interrupted }
        // What can't be looked at is opened next, and that says so.
        if let identity = try? FileIdentity(of: clip.file.path), !settling.isQuiet(clip.file.path, identity) {
            throw ClipPreparer.growing
        }
        do throws(ClipFailure) {
            let prepared = try await prepared(clip)
            let manifest = prepared.manifest
            for warning in manifest.warnings { observer.observe(.warning(clip: clip.file.name, warning)) }
            let stamp = prepared.stamp.flatMap { file in
                manifest.contentDigest.map { PreparedRecord.Stamp(file: file, content: $0) }
            }
            let record = await remember(
                clip, prepared.identity, .ready(key: manifest.key ?? "", ClipSummary(manifest)), stamp: stamp,
                // Without them the clip is looked at by its submission in each run.
                digests: try? manifest.submissionDigests(), files: prepared.files)
            return (manifest, record)
        } catch {
            if error.kind == .permanent, error.isOfTheClip, let identity = try? FileIdentity(of: clip.file.path) {
                _ = await remember(clip, identity, .refused(reason: error.reason))
            }
            throw error
        }
    }

    private func prepared(_ clip: PlannedClip) async throws(ClipFailure) -> PreparedClip {
        if let record = workspace.known.recordOfOtherChecks(of: clip),
            case .asWritten(let manifest, _)? = try await finding(record, of: clip),
            // One that can't be looked at is prepared, which tells why it can't be.
            let identity = try? FileIdentity(of: clip.file.path), record.identity == identity.fingerprint
        {
            var prepared = try await preparer.recheck(manifest, of: clip, identity)
            prepared.stamp = record.stamp?.file
            return prepared
        }
        return try await preparer.prepare(clip) { observer.observe(.stage(clip: clip.file.name, $0)) }
    }

    private func remember(
        _ clip: PlannedClip, _ identity: FileIdentity, _ outcome: PreparedRecord.Outcome,
        stamp: PreparedRecord.Stamp? = nil, digests: SubmissionDigests? = nil, files: PreparedRecord.Files? = nil
    ) async -> PreparedRecord {
        let fingerprint = clip.fingerprint.text(for: outcome)
        let record = PreparedRecord(
            file: workspace.known.relative(clip.file.path), identity: identity.fingerprint, stamp: stamp,
            options: fingerprint ?? "unknown", clip: clip.file.name, outcome: outcome, digests: digests, files: files)
        if fingerprint != nil { await save(record) }
        return record
    }

    private func save(_ record: PreparedRecord) async {
        // It only saves work next time: a journal that can't be written is no failure of the clip here.
        try? await workspace.journal.save(record)
    }

    /// What has become of the files that were made of a clip; nil for one that was refused.
    private func finding(
        _ record: PreparedRecord, of clip: PlannedClip
    ) async throws(ClipFailure) -> PreparedFiles.Finding? {
        guard case .ready(_, let summary) = record.outcome else { return nil }
        let files = PreparedFiles(of: clip, in: workspace.output, blockCount: summary.blockCount)
        return try await reading.run { () throws(ClipFailure) in
            do throws(DigestError) { return try files.finding(record) } catch { throw ClipFailure(error) }
        }
    }
}
