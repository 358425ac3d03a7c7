import ClipModel
import Journal
public import MediaWorker
import SystemIO
public import XboxServices

/// Takes every clip of a plan as far as its pipeline says. Clips are independent: one that fails leaves the others
/// alone.
public struct BatchRunner: Sendable {
    let plan: BatchPlan
    let output: OutputFolder
    /// Nil: nothing is submitted.
    let target: ServiceTarget?
    /// Whom to ask for statistics; nil if none are needed.
    let services: ServiceTarget?
    let media: MediaWorkerPool
    let stop: StopSignal
    let observer: any BatchObserver
    let requests: (any RequestObserver)?
    private let recorder: RunRecorder

    /// - Parameters:
    ///   - output: Where to work, if not in the pipeline's output, for which all of it is made; a shard does.
    ///   - target: The services, for submitting and for statistics; nil where nobody needs them.
    ///   - media: Looks at the clips; as many at the same time as it has workers. It is closed when all are prepared.
    ///   - stop: Raised by whoever wants the run to end early.
    ///   - requests: Sees every request to the services.
    public init(
        _ plan: BatchPlan, at output: OutputFolder? = nil, target: ServiceTarget?, media: MediaWorkerPool,
        stop: StopSignal, observer: any BatchObserver, requests: (any RequestObserver)? = nil
    ) {
        self.plan = plan
        self.output = output ?? OutputFolder(plan.pipeline.output)
        services = target
        self.target = plan.pipeline.submit.waitFor == .nothing ? nil : target
        self.media = media
        self.stop = stop
        recorder = RunRecorder(observer, requests)
        self.observer = recorder
        self.requests = recorder
    }

    /// Runs to the end and writes `batch.json`.
    public func run() async throws(RunError) -> BatchOutcome {
        let workspace = try await Workspace(
            output, service: target?.name ?? "none", sessions: plan.usedSessions,
            base: OutputFolder(plan.pipeline.output))
        if workspace.isNew, let disk = SharedDisk.name(of: output.path) {
            observer.observe(
                .notice(
                    "the output is on \(disk): its journal is kept for one process at a time, without shared memory"))
        }
        let plan = try await planWithStatistics()
        let submission = try await submission(in: workspace)
        let servers = target.map { gates(for: plan, in: workspace, $0) } ?? [:]
        let made = BatchRows(known: workspace.known, observer: observer)
        let rows = Locked([BatchOutcome.Row?](repeating: nil, count: plan.clips.count))
        var changed: [Int] = []
        for (index, clip) in plan.clips.enumerated() {
            if let row = made.rowIfFinal(clip, submitting: submission?.options) {
                rows.withLock { $0[index] = row }
            } else {
                changed.append(index)
            }
        }
        if let first = changed.first(where: { workspace.known.recordOfInput(of: plan.clips[$0]) == nil }) {
            media.prepare()
            await submission?.lookAhead(plan.sessions[plan.clips[first].session].session.scid)
        }
        let reading = BlockingPool("reading", width: max(2, media.width))
        let preparer = ClipPreparer(
            output: output, media: media, reading: reading, writing: BlockingPool("writing", width: media.width + 4),
            decoderThreads: max(1, media.width / max(1, changed.count)))
        // Uploading may take hours, for which the workers' memory is better used.
        let unprepared = CountDownLatch(changed.count) { [media] in await media.close() }
        observer.observe(
            .planned(Self.sizes(of: changed.map { plan.clips[$0] }), areSubmitted: submission != nil))
        let settling = await WriteSettling(waitingFor: changed.map { plan.clips[$0].file.path }, stop: stop)
        let work = ClipWork(
            workspace: workspace, preparer: preparer, unprepared: unprepared, submission: submission,
            servers: plan.sessions.map { $0.compute.flatMap { servers[$0] } }, rows: made, reading: reading,
            settling: settling,
            stop: stop, observer: observer)
        // Clips that are prepared at the same time: enough to keep the workers busy, few against the limit of open files.
        // Others have not begun, so that a thousand clips take no more memory than a hundred.
        let permits = AsyncSemaphore(media.width + 4)
        await withDiscardingTaskGroup { group in
            for index in changed {
                let permit = await permits.acquire()
                group.addTask {
                    let row = await work.row(for: plan.clips[index], from: permit)
                    rows.withLock { $0[index] = row }
                }
            }
        }
        await submission?.close()
        let outcome = BatchOutcome(
            pipeline: plan.pipeline.name, rows: rows.withLock { $0.compactMap(\.self) }, timings: recorder.timings(),
            servers: await reports(of: servers, for: plan), missing: plan.missing, in: workspace)
        return try await workspace.finish(
            outcome, plan.pipeline.report, keepsOthers: plan.isPart, telling: observer)
    }

    /// Sessions that ask for the same server have one together.
    private func gates(
        for plan: BatchPlan, in workspace: Workspace, _ target: ServiceTarget
    ) -> [ComputeOptions: ServerGate] {
        let wanted = Dictionary(plan.sessions.compactMap { own in own.compute.map { ($0, own.hooks.afterCompute) } }) {
            first, _ in first
        }
        var servers: [ComputeOptions: ServerGate] = [:]
        for (options, hook) in wanted {
            servers[options] = ServerGate(
                options, hook: hook, folder: plan.pipeline.folder, in: workspace, target: target, stop: stop,
                observer: observer, requests: requests)
        }
        return servers
    }

    private func reports(
        of servers: [ComputeOptions: ServerGate], for plan: BatchPlan
    ) async -> BatchOutcome.Servers {
        var reports = BatchOutcome.Servers()
        for (index, session) in plan.sessions.enumerated() {
            guard let report = await session.compute.flatMap({ servers[$0] })?.report() else { continue }
            if let names = plan.sessionNames { reports.bySession[names[index]] = report } else { reports.one = report }
        }
        return reports
    }

    private static func sizes(of clips: [PlannedClip]) -> [String: ByteCount] {
        let sizes = clips.map { clip in
            // One that can't be looked at fails later, with its reason.
            (clip.file.name, ByteCount((try? FileIdentity(of: clip.file.path).size) ?? 0))
        }
        return Dictionary(sizes) { first, _ in first }
    }

    private func submission(in workspace: Workspace) async throws(RunError) -> Submission? {
        guard let target else { return nil }
        return try Submission(
            to: target, journal: workspace.journal, options: plan.pipeline.submit, stop: stop, observer: observer,
            requests: requests)
    }
}
