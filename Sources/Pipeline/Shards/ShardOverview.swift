import SystemIO

/// Where the shards of a plan stand, as their owner files say.
public struct ShardOverview: Sendable {
    public let plan: PlanFile
    /// How many clips each shard has, in their order.
    private let clips: [Int]

    init(_ plan: PlanFile, clips: some Sequence<Int>) {
        var counts = [Int](repeating: 0, count: plan.head.shards)
        for shard in clips where counts.indices.contains(shard - 1) { counts[shard - 1] += 1 }
        self.plan = plan
        self.clips = counts
    }

    /// Reads the plan of an output folder.
    ///
    /// - Throws: `PlanFileError`, `FileError`.
    public init(in output: OutputFolder) throws {
        var clips: [Int] = []
        let plan = try PlanFile.read(PlanFile.path(in: output)) { clips.append($0.shard) }
        self.init(plan, clips: clips)
    }

    /// One shard.
    public struct Shard: Sendable {
        public var number: Int
        public var clips: Int
        /// Its last life; nil where it was never started.
        public var owner: ShardOwner?

        /// Nothing is left to do for its clips.
        public var isDone: Bool { owner?.isDone ?? false }
        /// Its process may be at work.
        public var mayBeAtWork: Bool { owner.map { $0.exitCode == nil && !$0.process.isOver } ?? false }

        /// Why it is not done, for messages.
        public var reason: String {
            guard let owner else { return "it was never started" }
            if let code = owner.exitCode { return "it ended with \(code) at \(owner.lastBeat): \(owner.description)" }
            if owner.process.isOver { return "it ended without a word after \(owner.lastBeat): \(owner.description)" }
            return "it has not ended; last sign of life at \(owner.lastBeat): \(owner.description)"
        }
    }

    /// What the owner files say now.
    ///
    /// - Throws: `ShardError.ofAnotherPlan`, or as reading does.
    public func shards() throws -> [Shard] {
        try clips.enumerated().map { index, count in
            let folder = ShardFolder(of: index + 1, in: plan.output)
            let owner = try folder.lastOwner()
            guard owner?.plan ?? plan.digest == plan.digest else { throw ShardError.ofAnotherPlan(path: folder.path) }
            return Shard(number: index + 1, clips: count, owner: owner)
        }
    }
}

extension ShardOwner {
    /// Nothing is left to do for its clips.
    public var isDone: Bool { exitCode == 0 || exitCode == 1 }
}
