public import ClipModel
import SystemIO

extension BatchPlan {
    /// Shares the clips out among `shards`, and keeps what they are now in `plan.json` of the output folder.
    ///
    /// - Throws: `PlanFileError.another` where another plan is there, or `FileError`.
    public func freeze(shards: Int) throws -> FrozenPlan {
        let output = OutputFolder(pipeline.output)
        let identities = clips.onAllProcessors(atLeast: 1_000) { part in
            // Nothing is lost: what can't be looked at now is told of by its shard.
            part.map { clip in try? FileIdentity(of: clip.file.path) }
        }.flatMap(\.self)
        let sizes = zip(clips, identities).map { (name: $0.file.name, size: $1?.size ?? 0) }
        let numbers = ShardAssignment.shards(of: sizes, count: shards)
        let entries = clips.indices.lazy.map { index in
            let clip = clips[index]
            return PlanFile.Entry(
                shard: numbers[index], clip: clip.file.name, file: Path.relative(clip.file.path, to: output.path),
                size: identities[index]?.size, modified: identities[index]?.modificationTime.description,
                options: clip.fingerprint.options)
        }
        let head = PlanFile.Head(
            pipeline: Path.relative(pipeline.file, to: output.path), options: pipeline.frozenOptions,
            keepGoing: pipeline.keepsGoing, shards: shards, clips: clips.count,
            sessions: pipeline.sessions?.sessions.map {
                PlanFile.NamedSession(name: $0.name, file: Path.relative($0.file, to: output.path))
            },
            missing: missing.all.isEmpty
                ? nil : missing.all.map { .init(path: Path.relative($0.path, to: output.path), reason: $0.reason) },
            missingFails: missing.fails, missingIsTemporary: missing.isTemporary)
        let file = try PlanFile.write(head, entries, in: output)
        var loads = [FrozenPlan.Load](repeating: .init(), count: shards)
        for (number, size) in zip(numbers, sizes) {
            loads[number - 1].clips += 1
            loads[number - 1].size = ByteCount(loads[number - 1].size.bytes + size.size)
        }
        return FrozenPlan(file: file, loads: loads)
    }
}

/// A plan that was frozen.
public struct FrozenPlan: Sendable {
    public let file: PlanFile
    /// What each shard has to do, in their order.
    public let loads: [Load]

    /// The work of one shard.
    public struct Load: Hashable, Sendable {
        public var clips = 0
        public var size = ByteCount(0)
    }
}

extension PipelineFile {
    /// A digest of all options, without what is a matter of one run or of what patterns find; a word that no digest is equal
    /// to where none can be computed.
    var frozenOptions: String {
        var options = self
        options.refreshesStatistics = false
        options.retriesRefusals = false
        options.submit.recreates = false
        options.submit.checksPublished = false
        options.output = ""
        options.file = ""
        if let sessions {
            options.sessions = SessionFiles(
                patterns: sessions.patterns, sessions: sessions.sessions, problems: [], isTemporary: false)
        }
        return OptionDigest.of(options)?.description ?? "unknown"
    }
}
