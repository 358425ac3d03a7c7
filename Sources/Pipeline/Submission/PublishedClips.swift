import ClipModel
import Journal
public import XboxServices

/// What an output folder has submitted and the service had in full: whether it still has. Keeps runs out of the folder
/// meanwhile.
public struct PublishedClips: Sendable {
    private let target: ServiceTarget
    private let workspace: Workspace

    /// A clip of which there is something to say.
    public struct Finding: Sendable {
        public var clip: String
        /// `permanent` for one that is gone.
        public var failure: ClipFailure
    }

    /// - Throws: `RunError.outputInUse` while a run is at work in the folder.
    public init(in output: OutputFolder, of target: ServiceTarget) async throws(RunError) {
        self.target = target
        workspace = try await Workspace(output, service: target.name)
    }

    /// Asks the service: by one list for all, and by a call for each clip that the list does not show. What is gone is
    /// noted in the journal and in `batch.json`.
    ///
    /// - Parameter stop: Raised by whoever wants it to end early.
    /// - Returns: The clips that are gone, by now or since an earlier look, that the service ended, and that could not be
    ///   looked for, by their names.
    public func check(stop: StopSignal, requests: (any RequestObserver)?) async throws(RunError) -> [Finding] {
        let submission = try Submission(
            to: target, journal: workspace.journal, options: SubmitOptions(), stop: stop, observer: Unobserved(),
            requests: requests)
        let complete = workspace.known.submitted.values.filter { $0.state == .committed || $0.state == .published }
        let findings = await withTaskGroup(of: Finding?.self) { group in
            for record in complete {
                group.addTask {
                    await submission.check(record).failure.map { Finding(clip: record.clip, failure: $0) }
                }
            }
            var findings: [Finding] = []
            for await finding in group { if let finding { findings.append(finding) } }
            return findings
        }
        await submission.close()
        let gone = findings.filter { $0.failure.kind == .permanent }
        try await workspace.report(Dictionary(gone.map { ($0.clip, $0.failure.reason) }) { first, _ in first })
        let known = workspace.known.submitted.values.filter { $0.state == .failed }
            .map { Finding(clip: $0.clip, failure: ClipSubmission.ended($0)) }
        return (findings + known).sorted { $0.clip.utf8.lexicographicallyPrecedes($1.clip.utf8) }
    }

    /// Notes that a clip was deleted on purpose, so that no run takes it for published.
    ///
    /// - Returns: Its name; nil if this folder does not know the id, or goes on with it by itself.
    public func note(deleted id: String) async throws(RunError) -> String? {
        let known = workspace.known.submitted.values.first { $0.gameClipId == id }
        guard var record = known, record.state == .committed || record.state == .published else { return nil }
        record.state = .failed
        record.reason = "it was deleted with clipship clip delete\(ClipSubmission.beginsAnother)"
        do { try await workspace.journal.save(record) } catch {
            throw .journal(path: workspace.output.journal, error)
        }
        try await workspace.report([record.clip: record.reason ?? ""])
        return record.clip
    }
}

/// There is nothing to show but what comes of it.
struct Unobserved: BatchObserver {
    func observe(_ event: BatchEvent) {}
}
