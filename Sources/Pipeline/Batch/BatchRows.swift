import ClipModel
import Journal
import SystemIO

/// Says where a clip ended, to the observer and in the report.
struct BatchRows: Sendable {
    let known: KnownClips
    let observer: any BatchObserver

    /// The row of a clip that got as far as `state`.
    ///
    /// - Parameters:
    ///   - manifest: Absolute; nil where there is none.
    ///   - record: What the journal knows of its submission.
    func row(
        _ clip: String, file: String, _ state: BatchReport.State, manifest: String? = nil,
        summary: ClipSummary? = nil, record: ClipRecord? = nil, failure: ClipFailure? = nil,
        checks: [CheckResult]? = nil, isUnchanged: Bool = false
    ) -> BatchOutcome.Row {
        var entry = BatchReport.Entry(clip: clip, file: known.relative(file), state: state)
        let unmet = (checks ?? []).filter { !$0.passed }
        entry.checks = unmet.isEmpty ? nil : unmet
        entry.manifest = manifest.map(known.relative)
        entry.gameClipId = record?.gameClipId
        entry.reason = failure?.reason
        observer.observe(.finished(entry, failure, isUnchanged: isUnchanged))
        return BatchOutcome.Row(entry: entry, summary: summary, failure: failure, isUnchanged: isUnchanged)
    }

    /// The row of an unchanged clip for which nothing is left to do; nil for any other.
    ///
    /// - Parameter options: Nil where nothing is submitted.
    func rowIfFinal(_ clip: PlannedClip, submitting options: SubmitOptions?) -> BatchOutcome.Row? {
        let (name, file) = (clip.file.name, clip.file.path)
        if let failure = clip.failure {
            return row(name, file: file, failure.kind == .permanent ? .failed : .skipped, failure: failure)
        }
        if let reason = clip.options.failure {
            return row(name, file: file, .failed, failure: ClipFailure(.permanent, reason))
        }
        guard let record = known.record(of: clip) else { return nil }
        switch record.outcome {
        case .refused(let reason):
            let failure = ClipFailure(.permanent, reason)
            return row(name, file: file, .failed, failure: failure, isUnchanged: true)
        case .ready(let key, let summary):
            let manifest = known.output.manifest(of: name)
            // One that can't be read is made anew if the clip is looked at again; for now nothing is known of it.
            let checks = clip.options.checks == nil ? nil : (try? ManifestFile.read(manifest))?.checks
            guard let options else {
                return row(
                    name, file: file, .ready, manifest: manifest, summary: summary, checks: checks, isUnchanged: true)
            }
            return known.submitted[key].flatMap {
                row(
                    ofSubmitted: name, file: file, manifest: manifest, summary: summary, record: $0,
                    digests: record.digests, options: options, checks: checks)
            }
        }
    }

    /// The same of a clip whose manifest was made before.
    func rowIfFinal(_ stored: StoredManifest, _ options: SubmitOptions) -> BatchOutcome.Row? {
        let manifest = stored.manifest
        return manifest.key.flatMap { known.submitted[$0] }.flatMap { record in
            row(
                ofSubmitted: manifest.clip, file: stored.file, manifest: stored.path, summary: ClipSummary(manifest),
                record: record,
                // Without them the clip is looked at by its submission.
                digests: try? manifest.submissionDigests(), options: options, checks: manifest.checks)
        }
    }

    /// The row of a clip whose submission was over before this run began; nil if there is something left to do.
    ///
    /// - Parameter digests: What would be submitted; nil where that isn't known.
    func row(
        ofSubmitted clip: String, file: String, manifest: String, summary: ClipSummary, record: ClipRecord,
        digests: SubmissionDigests?, options: SubmitOptions, checks: [CheckResult]?
    ) -> BatchOutcome.Row? {
        switch ClipSubmission.end(of: record, digests, options) {
        case .success:
            row(
                clip, file: file, Self.state(of: record), manifest: manifest, summary: summary, record: record,
                checks: checks, isUnchanged: true)
        case .failure(let failure):
            row(
                clip, file: file, .failed, manifest: manifest, summary: summary, record: record, failure: failure,
                checks: checks, isUnchanged: true)
        case nil: nil
        }
    }

    /// The row of a clip that was submitted, as far as it got.
    ///
    /// - Parameter clip: Its name in the output folder.
    func row(
        _ manifest: Manifest, named clip: String, at path: String, file: String, _ outcome: Submission.Outcome
    ) -> BatchOutcome.Row {
        guard let failure = outcome.failure else {
            let reached = outcome.record.map(Self.state) ?? .ready
            var row = row(
                clip, file: file, reached, manifest: path, summary: ClipSummary(manifest),
                record: outcome.record, checks: manifest.checks)
            row.isUpdated = outcome.isUpdated
            return row
        }
        return row(manifest, named: clip, at: path, file: file, outcome.record, failure: failure)
    }

    /// The row of a clip that another manifest describes as well.
    func row(_ row: BatchOutcome.Row, by manifest: String, file: String) -> BatchOutcome.Row {
        var row = row
        row.entry.manifest = known.relative(manifest)
        row.entry.file = known.relative(file)
        return row
    }

    /// The row of a clip that is ready but may not be submitted.
    func row(
        holdingBack manifest: Manifest, named clip: String, at path: String, file: String, because failure: ClipFailure
    ) -> BatchOutcome.Row {
        row(
            manifest, named: clip, at: path, file: file, manifest.key.flatMap { known.submitted[$0] },
            failure: failure)
    }

    private func row(
        _ manifest: Manifest, named clip: String, at path: String, file: String, _ record: ClipRecord?,
        failure: ClipFailure
    ) -> BatchOutcome.Row {
        let reached: BatchReport.State =
            switch record?.state {
            case .published: .published
            case .committed: .uploaded
            case .intended, .requested, .failed, nil: .ready
            }
        return row(
            clip, file: file, failure.kind == .permanent ? .failed : reached, manifest: path,
            summary: ClipSummary(manifest), record: record, failure: failure, checks: manifest.checks)
    }

    private static func state(of record: ClipRecord) -> BatchReport.State {
        record.state == .published ? .published : .uploaded
    }
}

extension ClipSummary {
    init(_ manifest: Manifest) {
        self.init(
            durationSeconds: manifest.media.durationSeconds, size: ByteCount(manifest.file.size),
            blockCount: manifest.blocks.count)
    }
}
