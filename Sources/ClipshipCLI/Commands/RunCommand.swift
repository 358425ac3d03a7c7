import ClipModel
import MediaWorker
import Pipeline
import SystemIO

/// `clipship run`: the whole way of every clip of a pipeline.
enum RunCommand: Command {
    static let dryRun = Flag(
        name: "--dry-run", help: "check everything and show what would be done; write and send nothing")
    static let only = Flag(
        name: "--only", value: "CLIP", help: "only this clip, by its name; may be given several times",
        isRepeatable: true, namesClip: true)
    static let output = Flag(name: "--output", value: "DIR", help: "write here instead of the pipeline's output")
    static let keepGoing = Flag(
        name: "--keep-going", help: "a session file or sidecar with a mistake fails its own clips only")
    static let allowEmpty = Flag(
        name: "--allow-empty", help: "success where no file matches, such as in a night without sessions")
    static let plan = Flag(
        name: "--plan", value: "FILE", help: "work off one shard of this plan.json, instead of a pipeline")
    static let shard = Flag(
        name: "--shard", value: "K",
        help: "with --plan: the shard, from 1; auto: that of the scheduler's array (Slurm, AWS Batch, Kubernetes, PBS)")
    static let submitInShards = Flag(
        name: "--submit-in-shards", value: "N",
        help: "with --plan: submit from this shard, too, with an N-th of rates and bandwidth, for N that run at once")
    static let noSubmit = Flag(name: "--no-submit", help: "stop at the manifests")

    static let spec = CommandSpec(
        name: "run", summary: "Measure, render, divide and submit every clip of a pipeline.", operands: "PIPELINE",
        operandCount: 0...1,
        flags: [
            dryRun, only, .jobs, output, .format, noSubmit, keepGoing, allowEmpty, plan, shard, submitInShards,
            .refreshStatistics, .retryFailed, .recreate,
            .checkPublished,
            .republish, .maxDuration, .retryFor, .reportPictures, .stats,
            .junit, .metrics, .followLinks,
        ]
            + Flag.tlsFlags,
        example: "clipship run pipelines/post-session.yaml --only boss-fight")

    static func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        guard let file = arguments.operands.first ?? arguments.string(plan) else {
            throw UsageError("run needs PIPELINE, or --plan FILE --shard K", command: spec.name)
        }
        let name = Path.withoutExtension(Path.name(of: file))
        return try await RunFiles.keeping(arguments.runFiles(of: name), console) { files in
            try await arguments.isSet(plan)
                ? runShard(arguments, &files, console) : runPipeline(arguments, &files, console)
        }
    }

    private static func runPipeline(
        _ arguments: Arguments, _ files: inout RunFiles, _ console: Console
    ) async throws -> ExitCode {
        for flag in [shard, submitInShards] where arguments.isSet(flag) {
            throw UsageError("\(flag.name) goes with --plan", command: spec.name)
        }
        let path = arguments.operands[0]
        // What can't be opened has no line in which there could be a mistake.
        _ = try OpenFile(path)
        var pipeline = try PipelineFile(reading: path, keepsGoing: arguments.isSet(keepGoing))
        files.pipeline = pipeline.name
        if let folder = arguments.string(output) { pipeline.output = Path.absolute(folder) }
        if arguments.isSet(noSubmit) { pipeline.submit.waitFor = .nothing }
        arguments.setRunOptions(of: &pipeline.submit)
        pipeline.refreshesStatistics = arguments.isSet(.refreshStatistics)
        if case .remote(let remote) = pipeline.service { pipeline.service = .remote(arguments.trusting(remote)) }
        if let pictures = try arguments.reportPictures() { pipeline.report = pictures }
        pipeline.retriesRefusals = arguments.isSet(.retryFailed)
        let jobs = try arguments.jobs()
        let (maxDuration, retryTime) = (try arguments.maxDuration(), try arguments.retryTime())
        let interval = try arguments.progressInterval()
        let (names, root) = (arguments.strings(only), Path.parent(of: Path.absolute(path)))
        if !pipeline.manifests.isEmpty {
            let plan: ReadyPlan
            do {
                plan = try ReadyPlan(pipeline, only: names, followsLinks: arguments.isSet(.followLinks))
            } catch {
                if !arguments.isSet(dryRun) { await BatchLaunch.tell(hooksOf: pipeline, of: error, console) }
                throw error
            }
            return try await submit(plan, arguments, files, console)
        }
        let seal = arguments.isSet(dryRun) ? nil : UpToDateStamp(pipeline, only: names, root: root, for: console)
        if !files.isAsked, let words = seal?.words() {
            BatchLaunch.say(words, console)
            return ExitCode(rawValue: words.exitCode) ?? .someFailed
        }
        let plan: BatchPlan
        do throws(PlanError) {
            plan = try BatchPlan(pipeline, only: names, root: root)
        } catch {
            guard arguments.isSet(allowEmpty), error.isNothing else {
                if !arguments.isSet(dryRun) { await BatchLaunch.tell(hooksOf: pipeline, of: error, console) }
                throw error
            }
            console.info("\(Failure(error).text); nothing to do")
            return files.write(nil, .success, console)
        }
        if arguments.isSet(dryRun) {
            return show(try plan.withKeptStatistics().forecast(), plan.missing, console)
        }
        return try await run(
            plan, jobs: jobs, maxDuration: maxDuration, retryTime: retryTime, interval: interval, seal: seal,
            files: files,
            console)
    }

    /// What would be done, and whether that is all that was asked for.
    private static func show(_ plan: String, _ missing: MissingFiles, _ console: Console) -> ExitCode {
        console.warn(of: missing)
        console.print(plan)
        return missing.isTemporary ? .temporary : missing.fails ? .someFailed : .success
    }

    /// Submits what was made elsewhere.
    private static func submit(
        _ plan: ReadyPlan, _ arguments: Arguments, _ files: RunFiles, _ console: Console
    ) async throws -> ExitCode {
        guard !arguments.isSet(noSubmit) else {
            throw UsageError("--no-submit leaves nothing to do: this pipeline submits manifests", command: spec.name)
        }
        if arguments.isSet(dryRun) {
            return show(try plan.forecast(), plan.missing, console)
        }
        let pipeline = plan.pipeline
        let output = OutputFolder(pipeline.output)
        console.warn(of: plan.missing)
        return try await BatchLaunch.run(
            using: pipeline.service, output: output, clipCount: plan.manifests.count,
            maxDuration: try arguments.maxDuration(), retryTime: try arguments.retryTime(),
            interval: try arguments.progressInterval(), files: files, hooksOf: pipeline, console
        ) { (target, stop, display) throws(RunError) in
            guard let target else { throw .service("there is no service to submit to") }
            return try await ManifestSubmitter(
                plan.manifests, output: output, target: target, options: pipeline.submit, pipeline: pipeline,
                isPart: plan.isPart, missing: plan.missing, stop: stop, observer: display, requests: display
            ).run()
        }
    }

    /// Runs a plan and prints the table.
    static func run(
        _ plan: BatchPlan, jobs: Int, maxDuration: Duration? = nil, retryTime: Duration? = nil,
        interval: Duration?, seal: UpToDateStamp? = nil,
        files: RunFiles? = nil, stopping: SignalHandler? = nil, _ console: Console,
        ended: (@Sendable (BatchOutcome) -> Void)? = nil
    ) async throws -> ExitCode {
        let pipeline = plan.pipeline
        console.warn(of: plan.missing)
        let media = MediaWorkerPool(width: jobs, console)
        let needsServices =
            try pipeline.submit.waitFor != .nothing
            || plan.needsStatistics(refreshing: pipeline.refreshesStatistics)
        let code = try await BatchLaunch.run(
            using: needsServices ? pipeline.service : nil,
            output: OutputFolder(pipeline.output), clipCount: plan.count, maxDuration: maxDuration,
            retryTime: retryTime, interval: interval, seal: seal, files: files, hooksOf: pipeline,
            stopping: stopping, console, ended: ended
        ) { (target, stop, display) throws(RunError) in
            try await BatchRunner(plan, target: target, media: media, stop: stop, observer: display, requests: display)
                .run()
        }
        await media.close()
        return code
    }
}
