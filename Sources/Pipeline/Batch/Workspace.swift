import ClipModel
import FoundationEssentials
import Glibc
import Journal
import SystemIO

/// An output folder while a run is at work in it: locked, with its journal open and read.
final class Workspace: Sendable {
    let output: OutputFolder
    let journal: Journal
    /// What the journal knew when the run began.
    let prepared: [String: PreparedRecord]
    let submitted: [String: ClipRecord]
    /// Those that are not all up, by the clip's name.
    let unfinished: [String: [ClipRecord]]
    /// Files that were there when the run began, by the clips' names and their endings.
    private let manifests: Set<String>
    private let thumbnails: Set<String>
    private let lock: FileLock

    /// Makes the folder if it isn't there.
    ///
    /// - Parameter sessions: Which have folders here.
    init(_ output: OutputFolder, service: String, sessions: Sessions = .unknown) async throws(RunError) {
        self.output = output
        let places: [(name: String, folder: OutputFolder)] =
            switch sessions {
            case .unknown, .one: [("", output)]
            case .many(let names): names.map { ("\($0)/", output.folder(ofSession: $0)) }
            }
        do throws(FileError) {
            try Folder.make(output.path)
            // Whoever made the journal made what it needs.
            if sessions != .unknown || (try? FileIdentity(of: output.journal)) == nil {
                for (_, folder) in places {
                    for path in [folder.path, folder.manifests, folder.thumbnails] { try Folder.make(path) }
                }
            }
        } catch {
            throw .file(error)
        }
        do throws(FileLockError) {
            lock = try FileLock(
                output.lock, holder: "process \(getpid()) since \(Timestamp(seconds: Int64(time(nil))))")
        } catch {
            switch error {
            case .held(let holder): throw .outputInUse(folder: output.path, holder: holder)
            case .file(let error): throw .file(error)
            }
        }
        UpToDateStamp.breakSeal(of: output)
        // What another run has in the making is no leftover, so this waits for the lock.
        DurableFile.removeLeftovers(in: output.path)
        var (manifests, thumbnails) = (Set<String>(), Set<String>())
        for (name, folder) in places {
            if folder != output { DurableFile.removeLeftovers(in: folder.path) }
            manifests.formUnion(DurableFile.removeLeftovers(in: folder.manifests).map { name + $0 })
            thumbnails.formUnion(DurableFile.removeLeftovers(in: folder.thumbnails).map { name + $0 })
        }
        (self.manifests, self.thumbnails) = (manifests, thumbnails)
        do {
            journal = try Journal(path: output.journal, service: service)
            prepared = try await journal.prepared()
            submitted = try await journal.clips()
        } catch {
            throw .journal(path: output.journal, error)
        }
        unfinished = Dictionary(grouping: submitted.values.filter(\.isUnfinished), by: \.clip)
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

    /// What is known of an input file, if neither it nor its options have changed and all that was made of it is
    /// there. Costs one `stat`.
    func record(of clip: PlannedClip) -> PreparedRecord? { record(of: clip, where: clip.fingerprint.fits) }

    /// The same of a clip of which only the checks are others.
    func recordOfOtherChecks(of clip: PlannedClip) -> PreparedRecord? {
        record(of: clip, where: clip.fingerprint.fitsButForChecks)
    }

    private func record(of clip: PlannedClip, where fits: (PreparedRecord) -> Bool) -> PreparedRecord? {
        guard let record = prepared[relative(clip.file.path)], record.clip == clip.file.name, fits(record),
            let identity = try? FileIdentity(of: clip.file.path), record.identity == identity.fingerprint
        else { return nil }
        if case .refused = record.outcome { return record }
        let name = clip.file.name
        let isComplete =
            manifests.contains("\(name).json") && thumbnails.contains("\(name).large.jpg")
            && thumbnails.contains("\(name).small.jpg")
        return isComplete ? record : nil
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
        let batch: Data
        do throws(RunError) {
            batch = try await write(outcome.report, outcome.servers.bySession, keepsOthers: keepsOthers)
        } catch {
            // What came of the clips is told, whatever becomes of this.
            guard case .file(let error) = error else { throw error }
            var outcome = outcome
            outcome.unwritten = error
            return outcome
        }
        let isUnchanged = outcome.rows.allSatisfy(\.isUnchanged)
        let page = ReportPage(of: output, options)
        do {
            if !isUnchanged {
                try await BlockingPool("report", width: 1).run { [output] in
                    try DurableFile.write(CanonicalJSON.document(outcome.timings), to: output.timings)
                }
            }
            if options != .none, !isUnchanged || !page.isCurrent(for: batch) { try await page.write() }
        } catch {
            observer.observe(.warning(clip: nil, "\(Path.shown(output.page)) could not be made: \(error)"))
        }
        return outcome
    }

    /// Writes `batch.json`; what is in it now.
    @discardableResult private func write(
        _ report: BatchReport, _ servers: [String: ServerReport] = [:], keepsOthers: Bool = false
    ) async throws(RunError) -> Data {
        let path = output.report
        let report = keepsOthers ? report.added(to: earlierReport()) : report
        do {
            return try await BlockingPool("report", width: 1).run { [output] in
                try SessionReports(of: report, in: output).write(servers)
                let document = try CanonicalJSON.document(report)
                try DurableFile.write(document, to: path)
                return document
            }
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
        try await write(
            BatchReport(
                pipeline: earlier.pipeline, clips: clips, compute: earlier.compute, missing: earlier.missing ?? []))
        // `batch.json` has all of it: a page that can't be made again is seen to be old by the next run.
        if let options = ReportPage.options(in: output) { _ = try? await ReportPage(of: output, options).write() }
    }

    /// Nil where there is none that can be read.
    private func earlierReport() -> BatchReport? {
        guard let file = try? OpenFile(output.report), let size = try? file.identity().size,
            let bytes = try? file.bytes(in: 0..<size)
        else { return nil }
        return try? JSONDecoder().decode(BatchReport.self, from: Data(bytes))
    }

    func relative(_ path: String) -> String { Path.relative(path, to: output.path) }
}
