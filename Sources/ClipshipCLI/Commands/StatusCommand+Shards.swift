import ClipModel
import FoundationEssentials
import Pipeline
import SystemIO

/// `clipship status` of a plan's folder: where its shards stand.
extension StatusCommand {
    /// One shard, for people and as a line of JSON.
    struct ShardLine: Encodable, Hashable {
        var shard: Int
        var clips: Int
        /// `done`, `at work`, `ended`, `not started`, or Slurm's word for its task, in small letters.
        var state: String
        /// Clips by their state in its last life.
        var totals: [String: Int]
        var exitCode: Int32?
        /// Who has it, or why it is not done.
        var reason: String?

        /// How many of its clips are where they will be, failed or not.
        var ended: Int {
            BatchReport.State.allCases.filter { $0 != .skipped }.map { totals[$0.rawValue] ?? 0 }.reduce(0, +)
        }
    }

    /// Shows the shards of a plan once, or until all are done or nothing is left that could do them.
    static func shards(in output: OutputFolder, watches: Bool, wantsJSON: Bool, _ console: Console) async throws
        -> ExitCode
    {
        let overview = try ShardOverview(in: output)
        var slurm = SlurmView(jobs: try SlurmJobs(in: output))
        var last: [ShardLine] = []
        while true {
            let shards = try overview.shards()
            try await slurm.look(whether: shards.contains { !$0.isDone })
            let lines = shards.map { line(of: $0, slurm) }
            let isOver = shards.allSatisfy(\.isDone) || slurm.isOver && !shards.contains(where: \.mayBeAtWork)
            if watches, lines != last, !isOver { console.info(sentence(lines)) }
            last = lines
            guard watches, !isOver else { break }
            try await Task.sleep(for: .seconds(2))
        }
        if wantsJSON {
            for line in last { console.print(try CanonicalJSON.line(line)) }
        } else {
            console.print(table(last, console.colour))
        }
        console.info(sentence(last))
        guard watches else { return .success }
        guard last.allSatisfy({ $0.state == "done" }) else { return .temporary }
        return last.contains { $0.exitCode == ExitCode.someFailed.rawValue } ? .someFailed : .success
    }

    private static func line(of shard: ShardOverview.Shard, _ slurm: SlurmView) -> ShardLine {
        var line = ShardLine(
            shard: shard.number, clips: shard.clips, state: "not started", totals: shard.owner?.totals ?? [:],
            exitCode: shard.owner?.exitCode)
        if shard.isDone {
            line.state = "done"
            return line
        }
        if shard.owner != nil {
            line.state = shard.mayBeAtWork ? "at work" : "ended"
            line.reason = shard.reason
        }
        if let word = slurm.words[shard.number], !shard.mayBeAtWork { line.state = word }
        return line
    }

    /// How many shards are in each state, in the order in which the states come up.
    private static func counts(_ lines: [ShardLine]) -> [(String, Int)] {
        let states = lines.map(\.state)
        return Set(states).sorted().map { state in (state, states.count { $0 == state }) }
    }

    private static func sentence(_ lines: [ShardLine]) -> String {
        let shards = counts(lines).map { "\($1) \($0)" }.joined(separator: ", ")
        let (ended, clips) = (lines.reduce(0) { $0 + $1.ended }, lines.reduce(0) { $0 + $1.clips })
        let failed = lines.reduce(0) { $0 + ($1.totals[BatchReport.State.failed.rawValue] ?? 0) }
        return "\(lines.count) shards: \(shards); \(ended) of \(clips) clips\(failed > 0 ? ", \(failed) failed" : "")"
    }

    private static func table(_ lines: [ShardLine], _ colour: Colour) -> String {
        var table = Table(columns: [
            .init(title: "SHARD", alignment: .right), .init(title: "CLIPS", alignment: .right),
            .init(title: "ENDED", alignment: .right), .init(title: "FAILED", alignment: .right), .init(title: "STATE"),
            .init(title: "REASON"),
        ])
        for line in lines {
            table.rows.append([
                .init("\(line.shard)"), .init("\(line.clips)"), .init("\(line.ended)"),
                .init("\(line.totals[BatchReport.State.failed.rawValue] ?? 0)"), .init(line.state),
                .init(line.reason ?? ""),
            ])
        }
        return table.rendered(colour)
    }
}

/// What Slurm says of the tasks that were handed to it, where it was; it is asked every half minute at most.
private struct SlurmView {
    let jobs: SlurmJobs
    /// Of each shard, such as `pending`.
    private(set) var words: [Int: String] = [:]
    /// It has nothing more to do.
    private(set) var isOver = false
    private var lastLook: ContinuousClock.Instant?

    init(jobs: SlurmJobs) {
        self.jobs = jobs
    }

    mutating func look(whether isNeeded: Bool) async throws {
        let arrays = jobs.sent.compactMap(\.prepare)
        let isDue = lastLook.map { ContinuousClock.now - $0 >= .seconds(30) } ?? true
        guard isNeeded, isDue, !arrays.isEmpty else { return }
        lastLook = .now
        let slurm = Slurm(hiding: [])
        // On another machine than Slurm's the owner files say what there is to say.
        guard let tasks = try? await slurm.tasks(of: arrays) else { return }
        words = await slurm.pastTasks(of: arrays)
        for task in tasks { words[task.task] = task.state.lowercased() }
        isOver = tasks.isEmpty
    }
}
