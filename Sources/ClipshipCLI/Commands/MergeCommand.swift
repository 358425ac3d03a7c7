import ClipModel
import Pipeline
import SystemIO

/// `clipship merge`: one output folder of all shards of a plan.
enum MergeCommand: Command {
    static let spec = CommandSpec(
        name: "merge", summary: "Make one output folder of all shards of a plan.", operands: "DIR", operandCount: 1...1,
        flags: [], example: "clipship merge /shared/night")

    static func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let output = OutputFolder(arguments.operands[0])
        guard try StatusCommand.isThere(PlanFile.path(in: output)) else {
            throw Failure("there is no plan.json in \(arguments.operands[0]); clipship plan makes one", .usage)
        }
        let outcome = try await ShardMerge(in: output).run(waiting: console.info)
        for (shard, reason) in outcome.undone { console.error("shard \(shard) is not done: \(reason)") }
        guard let report = outcome.report else {
            let count = outcome.undone.count
            console.error("\(count == 1 ? "1 shard is" : "\(count) shards are") not done; nothing was merged")
            return .temporary
        }
        if let problem = outcome.problem { console.warning("\(Path.shown(output.page)) could not be made: \(problem)") }
        for entry in report.clips {
            guard let reason = entry.reason else { continue }
            console.info("\(entry.clip): \(entry.state.rawValue): \(reason)")
        }
        for missing in report.missing ?? [] {
            console.info("missing: \(Path.shown(Path.resolve(missing.path, below: output.path))): \(missing.reason)")
        }
        let counts = BatchReport.State.allCases.compactMap { state in
            report.totals[state.rawValue].flatMap { $0 > 0 ? "\($0) \(state.rawValue)" : nil }
        }
        let words = counts.isEmpty ? "no clips" : counts.joined(separator: ", ")
        console.info(
            "\(words)\(outcome.isUnchanged ? "; merged before, so nothing was done" : ""); output in \(Path.shown(output.path))"
        )
        return ExitCode(rawValue: outcome.exitCode) ?? .someFailed
    }
}
