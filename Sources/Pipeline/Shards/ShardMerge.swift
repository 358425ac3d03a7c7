public import ClipModel
import FoundationEssentials
import Journal
import Support
import SystemIO

/// Makes one output folder of all shards of a plan, equal to the byte to what one run over all would have made, and one
/// journal, with which any run goes on there.
public struct ShardMerge: Sendable {
    private let plan: PlanFile
    private let pipeline: PipelineFile
    private let output: OutputFolder
    /// The shard of each clip.
    private let shards: [String: Int]

    /// Reads the plan of an output folder.
    ///
    /// - Throws: `PlanFileError`, `ConfigurationError`, `FileError`.
    public init(in output: OutputFolder) throws {
        var shards: [String: Int] = [:]
        plan = try PlanFile.read(PlanFile.path(in: output)) { entry in
            guard shards.updateValue(entry.shard, forKey: entry.clip) == nil else {
                throw ShardMergeError.double(clip: entry.clip, place: "plan.json")
            }
        }
        self.shards = shards
        self.output = plan.output
        pipeline = try plan.pipeline()
    }

    /// How the merging ended.
    public struct Outcome: Sendable {
        /// Shards that are not done, and why, in their order; nothing was merged if there are any.
        public var undone: [(shard: Int, reason: String)] = []
        /// Nil where some are not done.
        public var report: BatchReport?
        /// Everything was merged before, and no shard has changed since.
        public var isUnchanged = false
        /// 0, 1 or 75, as for a run over all.
        public var exitCode: Int32 = 75
        /// Why there is no page; all else is done.
        public var problem: String?
    }

    /// - Parameter waiting: Is told what is waited for.
    public func run(
        clock: any Clock<Duration> = ContinuousClock(), waiting: (String) -> Void
    ) async throws -> Outcome {
        let found = try await settled(ShardOverview(plan, clips: shards.values), clock, waiting)
        let undone = found.filter { !$0.isDone }.map { (shard: $0.number, reason: $0.reason) }
        guard undone.isEmpty else { return Outcome(undone: undone) }
        let owners = found.compactMap(\.owner)
        let lock = try OutputLock(output)
        defer { withExtendedLifetime(lock) {} }
        let state = MergedState(plan: plan.digest, epochs: owners.map(\.epoch))
        if let report = state.earlierReport(in: output) {
            return Outcome(report: report, isUnchanged: true, exitCode: exitCode(owners))
        }
        let batch = try await merge(owners)
        var outcome = Outcome(report: batch.report, exitCode: exitCode(owners))
        if pipeline.report != .none {
            do { try await ReportPage(of: output, pipeline.report).write(batch) } catch { outcome.problem = "\(error)" }
        }
        try state.write(in: output)
        return outcome
    }

    /// A system that shares a disk keeps what it has seen of files for a while: the end of a shard on another machine may not be
    /// seen before.
    private func settled(
        _ overview: ShardOverview, _ clock: any Clock<Duration>, _ waiting: (String) -> Void
    ) async throws -> [ShardOverview.Shard] {
        var left = SharedDisk.name(of: output.path) == nil ? .zero : Self.longestCache
        while true {
            let shards = try overview.shards()
            let open = shards.filter { !$0.isDone }
            guard !open.isEmpty, open.allSatisfy(\.mayBeAtWork), left > .zero else { return shards }
            if left == Self.longestCache {
                waiting(
                    "waiting up to \(left.components.seconds) s to see whether \(open.count) more have ended elsewhere")
            }
            try await Task.sleep(for: .seconds(2), clock: clock)
            left -= .seconds(2)
        }
    }

    /// What NFS keeps of a folder, at most, unless it is told otherwise (`acdirmax` of `nfs(5)`).
    private static let longestCache = Duration.seconds(60)

    /// Whatever keeps the run from being complete comes before what has failed for good.
    private func exitCode(_ owners: [ShardOwner]) -> Int32 {
        if plan.head.missingIsTemporary { return 75 }
        return plan.head.missingFails || owners.contains { $0.exitCode == 1 } ? 1 : 0
    }
}

// MARK: - Merging

extension ShardMerge {
    private func merge(_ owners: [ShardOwner]) async throws -> BatchContents {
        UpToDateStamp.breakSeal(of: output)
        let journal = try Journal(path: output.journal, service: "none")
        var entries: [BatchReport.Entry] = []
        entries.reserveCapacity(shards.count)
        let sessions = shards.keys.reduce(into: Set<String>()) { $0.insert(OutputFolder.session(of: $1) ?? "") }
        for session in sessions {
            let folder = session.isEmpty ? output : output.folder(ofSession: session)
            for path in [folder.path, folder.manifests, folder.thumbnails] { try Folder.make(path) }
            for path in [folder.manifests, folder.thumbnails] { DurableFile.removeLeftovers(in: path) }
        }
        let working = BlockingPool("merging", width: 1)
        for (index, owner) in owners.enumerated() {
            let (number, work) = (index + 1, ShardFolder(of: index + 1, in: output).work(owner.work))
            let made = try await working.run { [self] in try take(work, of: number) }
            entries += made
            try await journal.absorb(work.journal)
        }
        // Files have other inodes or times of change by now.
        try await journal.refreshFiles { [output, pipeline] clip, blockCount in
            PreparedFiles(
                of: clip, in: output, blockCount: pipeline.blocks.write ? blockCount : 0,
                sheet: pipeline.thumbnails.sheet
            ).identities()
        }
        entries.sort { $0.clip.comesBefore($1.clip) }
        let report = BatchReport(pipeline: pipeline.name, clips: entries, missing: plan.head.missing ?? [])
        return try await working.run { [output] in
            for session in sessions {
                let folder = session.isEmpty ? output : output.folder(ofSession: session)
                for path in [folder.manifests, folder.thumbnails] { try Folder.flush(path) }
            }
            try SessionReports(of: report, in: output).write([:])
            return try BatchContents.write(report, in: output)
        }
    }

    /// Takes what one shard has made; its clips must be those of the plan, each once.
    private func take(_ work: OutputFolder, of number: Int) throws -> [BatchReport.Entry] {
        let expected = shards.filter { $0.value == number }
        let entries = try BatchContents(in: work).report.clips
        var seen: Set<String> = []
        let copy = FolderCopy(from: work, to: output)
        for entry in entries {
            guard expected[entry.clip] != nil else {
                throw ShardMergeError.foreign(clip: entry.clip, shard: number)
            }
            guard seen.insert(entry.clip).inserted else {
                throw ShardMergeError.double(clip: entry.clip, place: "shard \(number)")
            }
            guard entry.manifest != nil else { continue }
            try copy.copy(clip: entry.clip, withBlocks: pipeline.blocks.write, sheet: pipeline.thumbnails.sheet)
        }
        if let gap = expected.keys.filter({ !seen.contains($0) }).min(by: { $0.comesBefore($1) }) {
            throw ShardMergeError.gap(clip: gap, shard: number)
        }
        return entries
    }
}

/// What was merged, so that merging once more changes nothing of what became of it since.
private struct MergedState: Codable, Equatable {
    var plan: String
    /// The last life of each shard.
    var epochs: [Int]

    private static func path(in output: OutputFolder) -> String { "\(output.shards)/merged.json" }

    /// Nil where something is to be merged.
    func earlierReport(in output: OutputFolder) -> BatchReport? {
        // What can't be read is merged again.
        guard let text = try? OpenFile(Self.path(in: output)).contents(atMost: 1 << 20),
            let state = try? StrictJSON.decode(Self.self, from: Data(text)), state == self
        else { return nil }
        // As above.
        return try? BatchContents(in: output).report
    }

    func write(in output: OutputFolder) throws {
        try DurableFile.write(CanonicalJSON.document(self), to: Self.path(in: output))
    }
}

/// Why shards can't be merged.
public enum ShardMergeError: Error, Hashable, Sendable, CustomStringConvertible {
    case gap(clip: String, shard: Int)
    case double(clip: String, place: String)
    case foreign(clip: String, shard: Int)

    public var description: String {
        switch self {
        case .gap(let clip, let shard):
            "shard \(shard) says nothing of \(clip), which the plan has there; run that shard again"
        case .double(let clip, let place): "\(clip) is in \(place) twice"
        case .foreign(let clip, let shard):
            "shard \(shard) has \(clip), which the plan has elsewhere or not at all; run that shard again in an empty folder"
        }
    }
}
