import ClipModel
import Pipeline
import SystemIO

/// `clipship plan`: what a run that is spread over shards consists of, frozen.
enum PlanCommand: Command {
    static let shards = Flag(
        name: "--shards", value: "N", help: "share the clips out among so many shards, by their sizes (required)")
    static let output = Flag(
        name: "--output", value: "DIR",
        help: "the folder of plan.json, of the shards and of the merged result (default: the pipeline's output)")

    static let spec = CommandSpec(
        name: "plan", summary: "Find a pipeline's clips once and share them out among shards.", operands: "PIPELINE",
        operandCount: 1...1,
        flags: [shards, output, RunCommand.keepGoing, RunCommand.allowEmpty, .refreshStatistics, .retryFor]
            + Flag.tlsFlags,
        example: "clipship plan pipelines/night.yaml --shards 16 --output /shared/night")

    static func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        guard let count = try arguments.shardCount() else {
            throw UsageError("plan needs --shards N", command: spec.name)
        }
        let frozen = try await freeze(try pipeline(arguments), shards: count, arguments, console)
        var table = Table(columns: [
            .init(title: "SHARD", alignment: .right), .init(title: "CLIPS", alignment: .right),
            .init(title: "SIZE", alignment: .right),
        ])
        for (index, load) in frozen.loads.enumerated() {
            table.rows.append([.init("\(index + 1)"), .init("\(load.clips)"), .init(load.size.description)])
        }
        console.print(table.rendered(console.colour))
        // What is missing is in the plan, and no success of the merged run.
        return .success
    }

    /// The pipeline that a command is to plan.
    static func pipeline(_ arguments: Arguments) throws -> PipelineFile {
        let path = arguments.operands[0]
        // What can't be opened has no line in which there could be a mistake.
        _ = try OpenFile(path)
        var pipeline = try PipelineFile(reading: path, keepsGoing: arguments.isSet(RunCommand.keepGoing))
        guard pipeline.manifests.isEmpty else {
            throw Failure("\(path) has \"manifests\", which need no preparing: submit them with clipship run", .usage)
        }
        if let folder = arguments.string(output) { pipeline.output = Path.absolute(folder) }
        pipeline.refreshesStatistics = arguments.isSet(.refreshStatistics)
        return pipeline
    }

    /// Finds the clips of a pipeline and freezes them, with the statistics that are wanted.
    static func freeze(
        _ pipeline: PipelineFile, shards count: Int, _ arguments: Arguments, _ console: Console
    ) async throws -> FrozenPlan {
        let plan = try BatchPlan(
            pipeline, root: Path.parent(of: pipeline.file), allowsNone: arguments.isSet(RunCommand.allowEmpty))
        console.warn(of: plan.missing)
        let frozen = try await filled(plan, arguments, console).freeze(shards: count)
        console.info("\(plan.count) clips in \(count) shard\(count == 1 ? "" : "s"): \(Path.shown(frozen.file.path))")
        return frozen
    }

    /// With statistics, where they are wanted: shards need no network then.
    private static func filled(
        _ plan: BatchPlan, _ arguments: Arguments, _ console: Console
    ) async throws -> BatchPlan {
        if try plan.needsStatistics(refreshing: plan.pipeline.refreshesStatistics) {
            var service = plan.pipeline.service
            if case .remote(let remote) = service { service = .remote(arguments.trusting(remote)) }
            ProcessHardening.hideMemory()
            let connection = try await ServiceConnection.open(
                service, output: OutputFolder(plan.pipeline.output), console: console
            ).trying(for: try arguments.retryTime())
            let stopping = SignalHandler.listening(console)
            do {
                try await plan.fetchStatistics(
                    from: connection.target, stop: stopping.signal, requests: RequestDisplay(console: console))
            } catch {
                await connection.close()
                throw error
            }
            await connection.close()
        }
        return try plan.withKeptStatistics()
    }
}

extension Arguments {
    /// `--shards`.
    func shardCount() throws(UsageError) -> Int? {
        try integer(PlanCommand.shards, in: 1...Int64(PlanFile.mostShards)).map(Int.init)
    }
}
