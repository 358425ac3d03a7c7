import ClipModel
import Journal
import SystemIO

/// What the journal of an output folder knows of its clips, all of it from one moment.
struct KnownClips: Sendable {
    let output: OutputFolder
    /// What is not in the output folder is named from here: where the output will be when its shards are merged, or the
    /// output folder itself.
    private let base: String
    /// By the paths of the MP4s as `relative` names them.
    let prepared: [String: PreparedRecord]
    /// By the clips' keys, at one service.
    let submitted: [String: ClipRecord]

    init(
        output: OutputFolder, base: OutputFolder, prepared: [String: PreparedRecord], submitted: [String: ClipRecord]
    ) {
        self.output = output
        self.base = base.path
        self.prepared = prepared
        self.submitted = submitted
    }

    /// The output is where it will stay.
    var isAtItsPlace: Bool { base == output.path }

    /// What is known of an input file, if neither it nor its options have changed and all that was made of it is there as it
    /// was written. Costs one `stat` a file.
    func record(of clip: PlannedClip) -> PreparedRecord? {
        guard let record = recordOfInput(of: clip) else { return nil }
        guard case .ready(_, let summary) = record.outcome else { return record }
        guard let files = record.files,
            files.identities
                == PreparedFiles(of: clip, in: output, blockCount: summary.blockCount).identities()
        else { return nil }
        return record
    }

    /// The same, whatever has become of what was made of it.
    func recordOfInput(of clip: PlannedClip) -> PreparedRecord? { record(of: clip, where: clip.fingerprint.fits) }

    /// The same of a clip of which only the checks are others.
    func recordOfOtherChecks(of clip: PlannedClip) -> PreparedRecord? {
        record(of: clip, where: clip.fingerprint.fitsButForChecks)
    }

    private func record(of clip: PlannedClip, where fits: (PreparedRecord) -> Bool) -> PreparedRecord? {
        guard let record = prepared[relative(clip.file.path)], record.clip == clip.file.name, fits(record),
            // One that can't be looked at is prepared, which tells why it can't be.
            let identity = try? FileIdentity(of: clip.file.path), record.identity == identity.fingerprint
        else { return nil }
        return record
    }

    func relative(_ path: String) -> String {
        Path.relative(path, to: base == output.path || path.hasPrefix(output.path + "/") ? output.path : base)
    }

    /// The absolute path of an MP4 that `relative` has named.
    func file(_ path: String) -> String { Path.resolve(path, below: base) }
}

extension KnownClips {
    /// What a run of the pipeline would find; nil where it would find nothing.
    ///
    /// - Throws: `PlanError.journal` where the journal can't be read.
    init?(of pipeline: PipelineFile) throws(PlanError) {
        let output = OutputFolder(pipeline.output)
        let service = pipeline.submit.waitFor == .nothing ? "none" : pipeline.service.name
        do {
            guard let records = try JournalOverview.records(path: output.journal, service: service) else { return nil }
            self.init(output: output, base: output, prepared: records.prepared, submitted: records.clips)
        } catch {
            throw .journal(path: output.journal, error)
        }
    }
}
