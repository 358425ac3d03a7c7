import ClipModel
import FoundationEssentials
import Support
import SystemIO

/// `hooks.afterClip`, `hooks.afterRun` and `hooks.onFailure` of one run.
///
/// Each is run at least once for what it is told of: what is owed is on disk before clips are begun, and crossed out when
/// the command has ended with 0.
public final class RunHooks: Sendable {
    private let hooks: Hooks
    private let pipeline: String
    private let folder: String?
    private let hidden: Set<String>
    private let output: OutputFolder
    private let stop: StopSignal
    private let observer: any BatchObserver
    private let state: Locked<State>
    private let clips: AsyncStream<BatchReport.Entry>.Continuation
    private let work: Locked<Task<Void, Never>?>

    /// Commands of `afterClip` at the same time.
    private static let width = 4

    private struct State {
        var due = DueHooks()
        /// The output folder is this run's, so that what is owed in it may be changed.
        var isBegun = false
        /// Those of an earlier run among them.
        var owed: Set<String> = []
        /// What `batch.json` said of clips before this run, where they were not where they should be.
        var before: [String: BatchReport.Entry] = [:]
        /// Clips that ended before anything was begun: there was nothing to do for them.
        var early: [BatchReport.Entry] = []
    }

    /// Nil for a pipeline without any of them.
    ///
    /// - Parameters:
    ///   - stop: No command is begun once it is raised.
    ///   - observer: Is told what the commands print, and which of them failed.
    public init?(
        of pipeline: PipelineFile, stop: StopSignal, observer: any BatchObserver
    ) {
        let hooks = pipeline.hooks
        guard hooks.afterClip != nil || hooks.afterRun != nil || hooks.onFailure != nil else { return nil }
        self.hooks = hooks
        self.pipeline = pipeline.name
        folder = pipeline.folder
        if case .remote(let remote) = pipeline.service, case .environment(let name) = remote.token {
            hidden = [name]
        } else {
            hidden = []
        }
        output = OutputFolder(pipeline.output)
        self.stop = stop
        self.observer = observer
        state = Locked(State())
        let (stream, clips) = AsyncStream.makeStream(of: BatchReport.Entry.self)
        self.clips = clips
        work = Locked(nil)
        work.withLock { $0 = Task(executorPreference: Blocking.threads) { await self.work(off: stream) } }
    }

    /// To be told of everything that happens; called from any thread.
    public func observe(_ event: BatchEvent) {
        switch event {
        case .planned(let sizes, _):
            let earlier = earlier()
            let before = sizes.isEmpty ? [:] : unfinished()
            let due = state.withLock { state in
                state.isBegun = true
                state.due = earlier
                state.owed = earlier.clips
                state.before = before
                guard !sizes.isEmpty else { return state.due }
                if hooks.afterClip != nil { state.due.clips.formUnion(sizes.keys) }
                state.due.run = true
                return state.due
            }
            keep(due)
            let early = state.withLock { state in
                defer { state.early = [] }
                return state.early
            }
            for entry in early where due.clips.contains(entry.clip) { clips.yield(entry) }
        case .finished(let entry, _, _):
            guard hooks.afterClip != nil else { return }
            let isDue = state.withLock { state in
                if !state.isBegun { state.early.append(entry) }
                // The next run tells of it.
                guard state.due.clips.contains(entry.clip), entry.reason != ClipFailure.interrupted.reason else {
                    return false
                }
                let isKnown = state.before[entry.clip] == entry && !state.owed.contains(entry.clip)
                if isKnown { state.due.clips.remove(entry.clip) }
                return !isKnown
            }
            if isDue { clips.yield(entry) }
        default:
            break
        }
    }

    /// Ends what is under way.
    public func cancel() { work.withLock { $0 }?.cancel() }

    /// Waits for the commands of clips, then tells of the run.
    ///
    /// - Parameters:
    ///   - outcome: Nil where the run could not begin with its clips, for `reason`.
    ///   - exitCode: Of the run.
    /// - Returns: Whether nothing is owed any more.
    public func end(_ outcome: BatchOutcome?, exitCode: Int32, reason: String = "") async -> Bool {
        clips.finish()
        await work.withLock { $0 }?.value
        let isDue = state.withLock { $0.due.run } || outcome == nil
        if isDue, !stop.isRaised {
            var variables = [
                "CLIPSHIP_PIPELINE": pipeline, "CLIPSHIP_OUTPUT": output.path, "CLIPSHIP_EXIT_CODE": "\(exitCode)",
                "CLIPSHIP_REASON": reason,
            ]
            for state in BatchReport.State.allCases {
                variables["CLIPSHIP_\(state.rawValue.uppercased())"] = "\(outcome?.report.totals[state.rawValue] ?? 0)"
            }
            // Without clips there is nothing to tell as JSON.
            let facts = outcome.flatMap { try? CanonicalJSON.document($0.report) } ?? Data()
            var isDone = true
            if outcome != nil { isDone = await run("afterRun", hooks.afterRun, facts, variables) }
            if exitCode != 0 { isDone = await run("onFailure", hooks.onFailure, facts, variables) && isDone }
            if isDone { state.withLock { $0.due.run = false } }
        }
        let (due, isBegun) = state.withLock { ($0.due, $0.isBegun) }
        guard isBegun else { return true }
        keep(due)
        return due.clips.isEmpty && !due.run
    }

    private func work(off entries: AsyncStream<BatchReport.Entry>) async {
        await withTaskGroup(of: Void.self) { group in
            var running = 0
            for await entry in entries {
                if running == Self.width {
                    await group.next()
                    running -= 1
                }
                guard !stop.isRaised else { continue }
                group.addTask { await self.tell(of: entry) }
                running += 1
            }
        }
    }

    private func tell(of entry: BatchReport.Entry) async {
        let variables = [
            "CLIPSHIP_PIPELINE": pipeline, "CLIPSHIP_OUTPUT": output.path, "CLIPSHIP_CLIP": entry.clip,
            "CLIPSHIP_STATE": entry.state.rawValue, "CLIPSHIP_GAME_CLIP_ID": entry.gameClipId ?? "",
            "CLIPSHIP_FILE": Path.resolve(entry.file, below: output.path),
            "CLIPSHIP_MANIFEST": entry.manifest.map { Path.resolve($0, below: output.path) } ?? "",
            "CLIPSHIP_REASON": entry.reason ?? "",
        ]
        // Texts and whole numbers can always be written as JSON.
        let facts = (try? CanonicalJSON.document(entry)) ?? Data()
        if await run("afterClip", hooks.afterClip, facts, variables, of: entry.clip) {
            state.withLock { _ = $0.due.clips.remove(entry.clip) }
        }
    }

    /// Whether it is done; one that is not configured is.
    private func run(
        _ name: String, _ line: String?, _ facts: Data, _ variables: [String: String], of clip: String? = nil
    ) async -> Bool {
        guard let line else { return true }
        do throws(ClipFailure) {
            let printed = try await HookCommand(name: name, line: line, folder: folder, hidden: hidden)
                .run(facts, variables)
            if !printed.isEmpty { observer.observe(.notice("\(name)\(clip.map { " \($0)" } ?? ""): \(printed)")) }
            return true
        } catch {
            if error.kind != .interrupted { observer.observe(.warning(clip: clip, error.reason)) }
            return false
        }
    }

    private func earlier() -> DueHooks {
        do {
            return try DueHooks(in: output)
        } catch {
            observer.observe(
                .warning(
                    clip: nil,
                    "\(Path.shown(output.dueHooks)) can't be read (\(error)); hooks that an earlier run owes are not run"
                ))
            return DueHooks()
        }
    }

    /// Clips that the last run left where they should not be: of one that stays there nobody is told again.
    private func unfinished() -> [String: BatchReport.Entry] {
        guard hooks.afterClip != nil else { return [:] }
        // Where that can't be read, they are told of again.
        let clips = (try? BatchContents.unfinished(in: output)) ?? []
        return Dictionary(clips.map { ($0.clip, $0) }) { first, _ in first }
    }

    private func keep(_ due: DueHooks) {
        do {
            try due.write(in: output)
        } catch {
            observer.observe(.warning(clip: nil, "the hooks that are owed can't be kept: \(error)"))
        }
    }
}
