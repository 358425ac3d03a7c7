import ClipModel
import FoundationEssentials
import MediaWorker
import Pipeline
import SystemIO

/// `clipship run --plan`: one shard of a plan.
extension RunCommand {
    /// What is frozen, or a matter of the whole.
    private static let notInShards: [Flag] = [
        dryRun, only, output, noSubmit, keepGoing, allowEmpty, .refreshStatistics, .checkPublished, .republish,
        .reportPictures,
    ]

    static func runShard(
        _ arguments: Arguments, _ files: inout RunFiles, _ console: Console
    ) async throws -> ExitCode {
        guard arguments.operands.isEmpty else {
            throw UsageError("--plan knows its pipeline; leave out \(arguments.operands[0])", command: spec.name)
        }
        for flag in notInShards where arguments.isSet(flag) {
            throw UsageError("\(flag.name) does not go with --plan, which is frozen", command: spec.name)
        }
        let environment = ProcessInfo.processInfo.environment
        var shard = try ShardPlan(
            reading: arguments.string(plan) ?? "", shard: number(arguments, environment))
        files.pipeline = shard.batch.pipeline.name
        let width = try arguments.integer(submitInShards, in: 1...Int64(PlanFile.mostShards)).map(Int.init)
        if let width { try shard.submit(asOneOf: width) }
        shard.batch.pipeline.retriesRefusals = arguments.isSet(.retryFailed)
        arguments.setRunOptions(of: &shard.batch.pipeline.submit)
        var service = shard.batch.pipeline.service
        if case .remote(let remote) = service { service = .remote(arguments.trusting(remote)) }
        let (jobs, maxDuration) = (try arguments.jobs(), try arguments.maxDuration())
        let (retryTime, interval) = (try arguments.retryTime(), try arguments.progressInterval())

        let ownership = try await ShardOwnership.take(
            shard, job: ShardJob(environment), needsJournal: width != nil, stop: StopSignal())
        console.info("shard \(shard.number) of \(shard.file.head.shards): \(shard.batch.count) clips")
        let code: ExitCode
        do {
            let media = MediaWorkerPool(width: jobs, console)
            code = try await BatchLaunch.run(
                using: width == nil ? nil : service, output: ownership.work, clipCount: shard.batch.count,
                maxDuration: maxDuration, retryTime: retryTime, interval: interval, files: files, console
            ) { [shard] (target, stop, display) throws(RunError) in
                let life = Task(executorPreference: Blocking.threads) { await ownership.keepAlive(stop: stop) }
                defer { life.cancel() }
                return try await BatchRunner(
                    shard.batch, at: ownership.work, target: target?.divided(by: width ?? 1, of: ownership),
                    media: media, stop: stop, observer: ownership.counting(for: display), requests: display
                ).run()
            }
            await media.close()
        } catch {
            ownership.end(Failure(error).code.rawValue)
            throw error
        }
        guard try ownership.isHeld() else {
            let owner = try ownership.folder.lastOwner()?.description ?? "a later life"
            console.error("shard \(shard.number) was taken over (\(owner)), so this one stopped")
            return .temporary
        }
        ownership.end(code.rawValue)
        return code
    }

    private static func number(
        _ arguments: Arguments, _ environment: [String: String]
    ) throws -> Int {
        let expected = "a number from 1 to \(PlanFile.mostShards), or auto"
        guard let text = arguments.string(shard) else {
            throw UsageError("--plan goes with --shard: \(expected)", command: spec.name)
        }
        if text != "auto" {
            guard let number = Int(text), (1...PlanFile.mostShards).contains(number) else {
                throw UsageError("--shard: expected \(expected), found \"\(text)\"", command: spec.name)
            }
            return number
        }
        switch ShardJob.shard(environment) {
        case .success(let number): return number
        case .failure(let bad):
            throw UsageError("--shard auto: \(bad.variable) is \"\(bad.value)\", which is no shard", command: spec.name)
        case nil:
            throw UsageError("--shard auto: none of \(ShardJob.variables) is set", command: spec.name)
        }
    }
}
