import ClipModel
import FoundationEssentials
import Pipeline
import SystemIO

/// `clipship slurm`: the jobs of a pipeline on a Slurm cluster.
enum SlurmCommand: Command {
    private static let limit = Flag(
        name: "--limit", value: "N", help: "how many shards are worked off at once (default: 8)")
    private static let partition = Flag(
        name: "--partition", value: "NAME", help: "where shards are prepared and merged (default: the cluster's)")
    private static let submitPartition = Flag(
        name: "--submit-partition", value: "NAME",
        help: "where there is a network for submitting (default: --partition)")
    private static let submit = Flag(
        name: "--submit", help: "hand the scripts to sbatch, and say the numbers of the jobs")
    private static let retry = Flag(
        name: "--retry", help: "hand over again the shards that are not done, with merging and submitting behind them")
    private static let submitInShards = Flag(
        name: "--submit-in-shards",
        help: "submit in the tasks that prepare, each with its part of rates and bandwidth, and not after merging")

    static let spec = CommandSpec(
        name: "slurm", summary: "Plan a pipeline, and make the scripts of its jobs on a Slurm cluster.",
        operands: "PIPELINE [-- SBATCH-OPTION...]", operandCount: 1...1,
        flags: [
            PlanCommand.shards, PlanCommand.output, limit, partition, submitPartition, submit, retry, submitInShards,
            RunCommand.noSubmit, RunCommand.keepGoing, RunCommand.allowEmpty, .refreshStatistics, .retryFor,
        ] + Flag.tlsFlags,
        example:
            "clipship slurm night.yaml --shards 16 --output /shared/night --submit -- --time=2:00:00 --account=lab",
        handsOn: true)

    /// What the scripts say themselves, and how the program finds out what became of a job.
    private static let ownOptions = ["--array", "-a", "--dependency", "-d", "--wrap", "--parsable", "--chdir", "-D"]

    static func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let pipeline = try PlanCommand.pipeline(arguments)
        let output = OutputFolder(pipeline.output)
        var scripts = try scripts(pipeline, output, arguments)
        var jobs = try SlurmJobs(in: output)
        let isRetry = arguments.isSet(retry)
        var shards: [Int]
        if isRetry {
            guard !arguments.isSet(PlanCommand.shards) else {
                throw UsageError("--shards does not go with --retry: the plan has them", command: spec.name)
            }
            guard !jobs.sent.isEmpty else {
                throw Failure("nothing of \(Path.shown(output.path)) was handed to Slurm yet; --submit does", .usage)
            }
            let overview = try ShardOverview(in: output)
            shards = try overview.shards().filter { !$0.isDone }.map(\.number)
            scripts.limit = min(scripts.limit, overview.plan.head.shards)
        } else {
            guard let count = try arguments.shardCount() else {
                throw UsageError("slurm needs --shards N", command: spec.name)
            }
            if arguments.isSet(submit), let last = jobs.sent.last {
                throw Failure(
                    "\(Path.shown(output.path)) was handed to Slurm before (its merging is job \(last.merge)); "
                        + "--retry hands over what is not done", .usage)
            }
            if arguments.isSet(submit) { try await check(count) }
            _ = try await PlanCommand.freeze(pipeline, shards: count, arguments, console)
            shards = Array(1...count)
            scripts.limit = min(scripts.limit, count)
        }
        if scripts.submission == .inShards {
            var shard = try ShardPlan(reading: PlanFile.path(in: output), shard: 1)
            try shard.submit(asOneOf: scripts.limit)
        }
        let slurm = Slurm(hiding: secrets(of: pipeline))
        var old: [String] = []
        if isRetry {
            // What waits or is at work is not sent again, and is merged when it is over.
            let tasks = try await slurm.tasks(of: jobs.sent.compactMap(\.prepare))
            let busy = Set(tasks.map(\.task))
            let waiting = shards.filter(busy.contains)
            if !waiting.isEmpty { console.info("waiting or at work: shards \(SlurmScripts.array(waiting))") }
            shards.removeAll(where: busy.contains)
            old = Array(Set(tasks.map(\.job))).sorted()
        }
        let files = try write(scripts, shards)
        guard isRetry || arguments.isSet(submit) else {
            for file in files.all { console.print("# \(file.path)\n\(file.text)") }
            console.info("the same command with --submit hands them to sbatch")
            return .success
        }
        let sent = try await slurm.send(files, after: old, console)
        jobs.sent.append(sent)
        try jobs.write(in: output)
        for (name, job) in [("prepare", sent.prepare), ("merge", sent.merge), ("submit", sent.submit)] {
            guard let job else { continue }
            let what = name == "prepare" ? ": shards \(SlurmScripts.array(shards))" : ""
            try console.show(["job": .string(job), "kind": .string(name)], "\(name): job \(job)\(what)")
        }
        return .success
    }

    /// - Throws: `UsageError` or `Failure` for what can't be in a script.
    private static func scripts(
        _ pipeline: PipelineFile, _ output: OutputFolder, _ arguments: Arguments
    ) throws -> SlurmScripts {
        guard let program = ProgramPath.own else {
            throw Failure("the system does not tell where this program is, which the scripts have to start", .temporary)
        }
        var scripts = SlurmScripts(
            program: program, pipeline: pipeline.file, output: output,
            limit: try arguments.integer(limit, in: 1...Int64(PlanFile.mostShards)).map(Int.init) ?? 8)
        scripts.partition = arguments.string(partition)
        scripts.submitPartition = arguments.string(submitPartition)
        scripts.options = arguments.handedOn
        for option in scripts.options {
            let name = option.hasPrefix("--") ? String(option.prefix { $0 != "=" }) : String(option.prefix(2))
            guard !ownOptions.contains(name) else {
                throw UsageError("\(name) does not go behind --: the scripts say that themselves", command: spec.name)
            }
        }
        for text in [program, pipeline.file, output.path] + scripts.options
        where text.unicodeScalars.contains(where: { $0.value < 0x20 }) {
            throw Failure("\"\(text)\" can't be in a script of Slurm: there is a control character in it", .usage)
        }
        for flag in [RunCommand.keepGoing, RunCommand.allowEmpty] where arguments.isSet(flag) {
            scripts.runFlags.append(flag.name)
        }
        let submits = pipeline.submit.waitFor != .nothing && !arguments.isSet(RunCommand.noSubmit)
        let isInShards = arguments.isSet(submitInShards)
        scripts.submission = !submits ? .never : isInShards ? .inShards : .afterMerge
        guard submits || !isInShards else {
            throw UsageError("--submit-in-shards does not go with a pipeline that submits nothing", command: spec.name)
        }
        if submits, let name = secrets(of: pipeline).first, arguments.isSet(submit) || arguments.isSet(retry) {
            throw Failure(
                "the token is in the variable \(name), and Slurm would keep it on a disk with the job: use "
                    + "token: {file: ...} or {command: ...} in \(Path.shown(pipeline.file)), or --no-submit", .usage)
        }
        return scripts
    }

    /// Variables that hold a token.
    private static func secrets(of pipeline: PipelineFile) -> Set<String> {
        guard case .remote(let remote) = pipeline.service, case .environment(let name) = remote.token else { return [] }
        return [name]
    }

    /// - Throws: `Failure` for more shards than the cluster takes as one array.
    private static func check(_ shards: Int) async throws {
        guard let most = await Slurm(hiding: []).mostTasks, shards >= most else { return }
        throw Failure(
            "\(shards) shards are too many: this cluster takes arrays up to \(most - 1) (MaxArraySize)", .usage)
    }

    private static func write(_ scripts: SlurmScripts, _ shards: [Int]) throws -> Slurm.Files {
        try Folder.make(scripts.folder)
        func file(_ name: String, _ text: String) throws -> Slurm.Files.File {
            let path = "\(scripts.folder)/\(name).sh"
            try DurableFile.write(Data(Path.bytes(text)), to: path)
            return .init(path: path, text: text)
        }
        return Slurm.Files(
            prepare: shards.isEmpty ? nil : try file("prepare", scripts.prepare(shards)),
            merge: try file("merge", scripts.merge), submit: try scripts.submit.map { try file("submit", $0) })
    }
}
