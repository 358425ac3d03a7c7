import ClipModel
import Pipeline
import SystemIO

/// `clipship watch`: works off clips as sessions end, one batch after the other, until it is told to stop.
enum WatchCommand: Command {
    static let once = Flag(
        name: "--once", help: "work off the sessions that are over, then end; for cron and the like")

    static let spec = CommandSpec(
        name: "watch", summary: "Run a pipeline for the clips of each session as it ends.", operands: "PIPELINE",
        operandCount: 1...1,
        flags: [
            once, .jobs, RunCommand.output, RunCommand.noSubmit, .format, .retryFor, .stats, .reportPictures, .junit,
            .metrics,
        ] + Flag.tlsFlags,
        example: "clipship watch pipelines/post-session.yaml")

    /// Between looks when nothing tells of a change.
    private static let regularLook = Duration.seconds(30)
    /// Before what failed for now is tried again.
    private static let retryPause = Duration.seconds(60)
    /// A change is often the first of several.
    private static let settling = Duration.milliseconds(500)

    static func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        // What can't be opened has no line in which there could be a mistake.
        _ = try OpenFile(arguments.operands[0])
        let first = try pipeline(arguments)
        guard first.manifests.isEmpty else {
            throw Failure("\(arguments.operands[0]) has \"manifests\": there are no sessions to wait for", .usage)
        }
        var watcher = Watcher(arguments, first, console, jobs: try arguments.jobs())
        return try await watcher.run()
    }

    /// Read again at each look, so that a change of the file takes effect.
    fileprivate static func pipeline(_ arguments: Arguments) throws -> PipelineFile {
        var pipeline = try PipelineFile(reading: arguments.operands[0], keepsGoing: true)
        // That there is nothing yet is why somebody watches.
        pipeline.onMissing = .ignore
        pipeline.keepsGoing = true
        if let folder = arguments.string(RunCommand.output) { pipeline.output = Path.absolute(folder) }
        if arguments.isSet(RunCommand.noSubmit) { pipeline.submit.waitFor = .nothing }
        if case .remote(let remote) = pipeline.service { pipeline.service = .remote(arguments.trusting(remote)) }
        if let pictures = try arguments.reportPictures() { pipeline.report = pictures }
        return pipeline
    }

    private struct Watcher {
        let arguments: Arguments
        let console: Console
        let jobs: Int
        let root: String
        let stopping: SignalHandler
        let folders = FolderWatch()
        let origin = ContinuousClock.now
        var options: WatchOptions
        var sessions: SessionWatch
        /// What was wrong at the last look, so that it is said once.
        var trouble: String?
        var published = 0

        init(_ arguments: Arguments, _ pipeline: PipelineFile, _ console: Console, jobs: Int) {
            self.arguments = arguments
            self.console = console
            self.jobs = jobs
            root = Path.parent(of: Path.absolute(arguments.operands[0]))
            options = pipeline.watch
            sessions = SessionWatch(options.sessionEndsWhen)
            stopping = SignalHandler.listening(console)
        }

        var now: Duration { origin.duration(to: .now) }

        mutating func run() async throws -> ExitCode {
            let isOnce = arguments.isSet(WatchCommand.once)
            ServiceManager.tell("READY=1\nSTATUS=waiting for sessions")
            if !isOnce { console.info("watching \(arguments.operands[0]); Ctrl-C ends it") }
            var code = ExitCode.success
            while !stopping.signal.isRaised {
                let ready = try look(isOnce: isOnce)
                if let plan = ready { code = try await work(off: plan, isOnce: isOnce) }
                if stopping.signal.isRaised { break }
                let next = sessions.nextChange(after: now)
                if isOnce {
                    // Quiet time takes two looks; whatever else is missing, another call will find.
                    guard ready == nil, case .quiet(let time) = options.sessionEndsWhen, now < time, next != nil else {
                        return code
                    }
                }
                await pause(until: min(next ?? .seconds(1 << 40), now + WatchCommand.regularLook))
            }
            ServiceManager.tell("STOPPING=1")
            return stopping.reason?.exitCode ?? code
        }

        /// What is to be worked off now; nil for nothing.
        private mutating func look(isOnce: Bool) throws -> BatchPlan? {
            do {
                let pipeline = try WatchCommand.pipeline(arguments)
                folders.add(pipeline.foldersToWatch)
                if pipeline.watch != options {
                    options = pipeline.watch
                    sessions = SessionWatch(options.sessionEndsWhen)
                }
                let plan = try BatchPlan(pipeline, root: root)
                trouble = nil
                let ready = sessions.look(at: plan.watched(options.sessionEndsWhen), now: now)
                return ready.isEmpty ? nil : plan.keeping(ready)
            } catch let error as PlanError where error.isNothingYet {
                trouble = nil
                return nil
            } catch {
                if isOnce { throw error }
                tell(Failure(error))
                return nil
            }
        }

        private mutating func tell(_ failure: Failure) {
            guard failure.text != trouble else { return }
            trouble = failure.text
            console.error(failure)
            ServiceManager.tell("STATUS=\(failure.text.prefix { $0 != "\n" })")
        }

        private mutating func work(off plan: BatchPlan, isOnce: Bool) async throws -> ExitCode {
            let ended = Locked<BatchOutcome?>(nil)
            let paths = plan.watched(options.sessionEndsWhen).map(\.path)
            ServiceManager.tell("STATUS=at work on \(plan.count) clips")
            do {
                let code = try await RunFiles.keeping(arguments.runFiles(of: plan.pipeline.name), console) { files in
                    try await RunCommand.run(
                        plan, jobs: jobs, retryTime: try arguments.retryTime(),
                        interval: try arguments.progressInterval(), files: files, stopping: stopping, console
                    ) { outcome in ended.withLock { $0 = outcome } }
                }
                // Those of which nothing is said are looked at again.
                for path in paths { sessions.postpone(path, until: now + WatchCommand.retryPause) }
                for row in ended.withLock({ $0 })?.rows ?? [] {
                    guard row.failure == nil || row.failure?.kind == .permanent else { continue }
                    if row.entry.state == .published { published += 1 }
                    if let path = plan.path(ofClip: row.entry.clip) { sessions.done(path) }
                }
                ServiceManager.tell("STATUS=waiting for sessions; \(published) clips published so far")
                return code
            } catch {
                if isOnce { throw error }
                for path in paths { sessions.postpone(path, until: now + WatchCommand.retryPause) }
                tell(Failure(error))
                return .temporary
            }
        }

        private func pause(until time: Duration) async {
            let (folders, signal) = (folders, stopping.signal)
            let wait = max(.zero, time - now)
            let hasChanged = await withTaskGroup(of: Bool.self) { group in
                group.addTask {
                    await signal.wait()
                    return false
                }
                group.addTask {
                    await folders.waitForChange()
                    return true
                }
                group.addTask {
                    // It ends early when something else does.
                    try? await Task.sleep(for: wait)
                    return false
                }
                let first = await group.next() ?? false
                group.cancelAll()
                return first
            }
            if hasChanged { await signal.sleep(for: WatchCommand.settling, clock: .continuous) }
        }
    }
}
