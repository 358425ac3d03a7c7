import ClipModel
import ConfigFiles
import SystemIO

/// What one shard of a plan has to do.
public struct ShardPlan: Sendable {
    public let file: PlanFile
    /// From 1.
    public let number: Int
    /// For the whole's output folder; a shard works elsewhere.
    public var batch: BatchPlan

    /// Reads a plan, and everything that it was made of.
    ///
    /// - Throws: `PlanFileError` for a plan that can't be used, or that was made of something else; `ConfigurationError`.
    public init(reading path: String, shard number: Int) throws {
        var entries: [PlanFile.Entry] = []
        file = try PlanFile.read(path, shard: number) { entries.append($0) }
        guard (1...file.head.shards).contains(number) else {
            throw PlanFileError.noShard(path: file.path, number, of: file.head.shards)
        }
        self.number = number
        let pipeline = try file.pipeline()
        let output = file.output
        let sessions = Dictionary(
            (pipeline.sessions?.sessions ?? []).enumerated().map { ($1.name, $0) },
            uniquingKeysWith: { first, _ in first })
        let found = try entries.map { entry in
            let session = OutputFolder.session(of: entry.clip)
            guard let index = session.map({ sessions[$0] }) ?? 0 else {
                throw PlanFileError.changed(path: path, "the session \(session ?? "") is gone")
            }
            return FoundClips.Clip(
                file: ClipFile(name: entry.clip, path: Path.resolve(entry.file, below: output.path)), session: index)
        }
        let plan = try BatchPlan(pipeline, found, missing: .none, isPart: false)
        guard try !plan.needsStatistics(refreshing: false) else {
            throw PlanFileError.changed(path: path, "statistics.json is gone")
        }
        batch = try plan.withKeptStatistics().holding(entries)
        // There is one page, of the whole.
        batch.pipeline.report = .none
        batch.pipeline.submit.waitFor = .nothing
        goal = pipeline.submit.waitFor
    }

    /// What the pipeline wants of the whole.
    private let goal: SubmitOptions.Goal

    /// Has the shard submit its clips, too, as one of `count` that are at work together.
    ///
    /// - Throws: `PlanFileError.notInShards` for what only one process may do.
    public mutating func submit(asOneOf count: Int) throws(PlanFileError) {
        guard batch.sessions.allSatisfy({ $0.compute == nil }) else {
            throw .notInShards(
                "\"compute\" asks for one server a session, and several shards may have clips of a session")
        }
        guard case .remote = batch.pipeline.service else {
            throw .notInShards(
                "each shard would have a local service of its own; have all of them use one clipship serve")
        }
        let submit = batch.pipeline.submit
        batch.pipeline.submit.waitFor = goal
        batch.pipeline.submit.bandwidth = submit.bandwidth?.divided(by: count)
        batch.pipeline.submit.connections = max(1, submit.connections / count)
        batch.pipeline.submit.clipsInFlight = max(1, submit.clipsInFlight / count)
    }
}

extension PlanFile {
    /// The pipeline that the plan was made of.
    ///
    /// - Throws: `PlanFileError.changed` where it is another one by now.
    func pipeline() throws -> PipelineFile {
        var pipeline = try PipelineFile(
            reading: Path.resolve(head.pipeline, below: output.path), keepsGoing: head.keepGoing,
            sessions: head.sessions?.map { ($0.name, Path.resolve($0.file, below: output.path)) })
        guard pipeline.frozenOptions == head.options else {
            throw PlanFileError.changed(path: path, "the pipeline or one of its sessions has changed")
        }
        pipeline.output = output.path
        return pipeline
    }
}

extension BatchPlan {
    /// The plan with a failure for each clip that is not what it was.
    fileprivate func holding(_ entries: [PlanFile.Entry]) -> BatchPlan {
        var plan = self
        for (index, entry) in entries.enumerated() {
            let clip = clips[index]
            guard clip.failure == nil, let failure = Self.change(of: clip, since: entry) else { continue }
            plan.clips[index] = PlannedClip(
                file: clip.file, session: clip.session, options: clip.options, fingerprint: clip.fingerprint,
                own: clip.own, failure: failure)
        }
        return plan
    }

    /// Nil for none.
    private static func change(of clip: PlannedClip, since entry: PlanFile.Entry) -> ClipFailure? {
        // What could not be looked at then is told of as it is now.
        if let size = entry.size, let modified = entry.modified {
            do throws(FileError) {
                let identity = try FileIdentity(of: clip.file.path)
                guard identity.size == size, identity.modificationTime.description == modified else {
                    return ClipFailure(
                        .permanent,
                        "the file has changed since the plan was made: \(identity.size) bytes of "
                            + "\(identity.modificationTime), the plan has \(size) of \(modified)")
                }
            } catch {
                guard error.isNotFound else { return ClipFailure(error) }
                return ClipFailure(.permanent, "the file is gone since the plan was made")
            }
        }
        guard let options = entry.options, options != clip.fingerprint.options else { return nil }
        return ClipFailure(
            .permanent, "its sidecar, or what else its manifest depends on, has changed since the plan was made")
    }
}
