import ClipModel
import FoundationEssentials
import Journal
import SystemIO

/// An output folder while a run is at work in it: locked, with its journal open and read.
final class Workspace: Sendable {
    let output: OutputFolder
    let journal: Journal
    /// What the journal knew when the run began.
    let known: KnownClips
    /// When ids were last asked for whose answers are not known, by the clips' keys.
    let unanswered: [String: Timestamp]
    /// Those that are not all up, by the clip's name.
    let unfinished: [String: [ClipRecord]]
    private let lock: OutputLock
    /// There was no journal here yet.
    let isNew: Bool

    /// Makes the folder if it isn't there.
    ///
    /// - Parameters:
    ///   - sessions: Which have folders here.
    ///   - base: The folder that the output will be moved to; nil where it stays.
    init(
        _ output: OutputFolder, service: String, sessions: Sessions = .unknown, base: OutputFolder? = nil
    ) async throws(RunError) {
        self.output = output
        let places =
            switch sessions {
            case .unknown, .one: [output]
            case .many(let names): names.map(output.folder(ofSession:))
            }
        do throws(FileError) {
            try Folder.make(output.path)
            // Whoever made the journal made what it needs.
            isNew = (try? FileIdentity(of: output.journal)) == nil
            if sessions != .unknown || isNew {
                for folder in places {
                    for path in [folder.path, folder.manifests, folder.thumbnails] { try Folder.make(path) }
                }
            }
        } catch {
            throw .file(error)
        }
        lock = try OutputLock(output)
        UpToDateStamp.breakSeal(of: output)
        // What another run has in the making is no leftover, so this waits for the lock.
        DurableFile.removeLeftovers(in: output.path)
        for folder in places {
            if folder != output { DurableFile.removeLeftovers(in: folder.path) }
            for path in [folder.manifests, folder.thumbnails] { DurableFile.removeLeftovers(in: path) }
        }
        do {
            journal = try Journal(path: output.journal, service: service)
            known = KnownClips(
                output: output, base: base ?? output, prepared: try await journal.prepared(),
                submitted: try await journal.clips())
            unanswered = try await journal.unanswered()
        } catch {
            throw .journal(path: output.journal, error)
        }
        unfinished = Dictionary(grouping: known.submitted.values.filter(\.isUnfinished), by: \.clip)
    }

    /// The sessions whose clips are in an output folder.
    enum Sessions: Equatable, Sendable {
        /// Nothing is made here, and it makes no difference.
        case unknown
        /// Everything is in the folder itself.
        case one
        /// Each has a folder with its name.
        case many([String])
    }

    /// Writes `batch.json`, and where something was done, `timings.json`; and the page of them, unless that is of the same
    /// batch already.
    ///
    /// - Parameters:
    ///   - options: Whether there is to be a page.
    ///   - keepsOthers: The outcome is of some clips only: what an earlier report says of others stays.
    ///   - observer: Learns why there is no page: `batch.json` has all of it, so that is no failure.
    func finish(
        _ outcome: BatchOutcome, _ options: ReportOptions, keepsOthers: Bool, telling observer: any BatchObserver
    ) async throws(RunError) -> BatchOutcome {
        var outcome = outcome
        // Where that can't be read now, the next run looks.
        let unanswered = try? await journal.unanswered()
        outcome.awaits = unanswered?.values.contains { $0.seconds > Self.dayAgo } ?? true
        let batch: BatchContents
        do throws(RunError) {
            batch = try write(outcome.report, outcome.servers.bySession, keepsOthers: keepsOthers)
        } catch {
            // What came of the clips is told, whatever becomes of this.
            guard case .file(let error) = error else { throw error }
            outcome.unwritten = error
            return outcome
        }
        let isUnchanged = outcome.rows.allSatisfy(\.isUnchanged)
        let page = ReportPage(of: output, options)
        do {
            if !isUnchanged { try DurableFile.write(CanonicalJSON.document(outcome.timings), to: output.timings) }
            if options != .none, !isUnchanged || !page.isCurrent(for: batch) { try await page.write(batch) }
        } catch {
            observer.observe(.warning(clip: nil, "\(Path.shown(output.page)) could not be made: \(error)"))
        }
        return outcome
    }

    /// A request that was held for longer is not waited for by runs that have nothing else to do.
    private static var dayAgo: Int64 { Timestamp(Date()).seconds - 86_400 }

    /// Writes `batch.json`; what is in it now.
    @discardableResult private func write(
        _ report: BatchReport, _ servers: [String: ServerReport] = [:], keepsOthers: Bool = false
    ) throws(RunError) -> BatchContents {
        let path = output.report
        let report = keepsOthers ? report.added(to: earlierReport()) : report
        do {
            if known.isAtItsPlace { try SessionReports(of: report, in: output).write(servers) }
            return try BatchContents.write(report, in: output)
        } catch let error as FileError {
            throw .file(error)
        } catch {
            throw .service("\(Path.shown(path)) can't be written: \(error)")
        }
    }

    /// Says in `batch.json`, where there is one, which clips are not where it has them, and why.
    func report(_ failures: [String: String]) async throws(RunError) {
        guard !failures.isEmpty, let earlier = earlierReport() else { return }
        let clips = earlier.clips.map { entry in
            guard let reason = failures[entry.clip] else { return entry }
            var entry = entry
            (entry.state, entry.reason) = (.failed, reason)
            return entry
        }
        try write(
            BatchReport(
                pipeline: earlier.pipeline, clips: clips, compute: earlier.compute, missing: earlier.missing ?? []))
        // `batch.json` has all of it: a page that can't be made again is seen to be old by the next run.
        if let options = ReportPage.options(in: output) { _ = try? await ReportPage(of: output, options).write() }
    }

    /// Nil where there is none that can be read.
    private func earlierReport() -> BatchReport? {
        // What can't be read now is made anew by this run, as far as its clips go.
        guard let bytes = try? OpenFile(output.report).contents(atMost: BatchReport.largestFile) else { return nil }
        return try? JSONDecoder().decode(BatchReport.self, from: Data(bytes))
    }
}

extension BatchReport {
    /// Bytes that are read of one: more than half a million clips have.
    static let largestFile: Int64 = 1 << 28
}
