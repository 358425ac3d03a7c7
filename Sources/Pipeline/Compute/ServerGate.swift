import SystemIO
import ClipModel
import Journal
import XboxServices

/// The session's server instance, asked for once a run, by whichever clip is the first that is to be submitted: when
/// none is, nobody needs a server.
actor ServerGate {
    private let options: ComputeOptions
    private let workspace: Workspace
    private let target: ServiceTarget
    private let hook: ComputeHook?
    private let stop: StopSignal
    private let observer: any BatchObserver
    private let requests: (any RequestObserver)?
    private var work: Task<ServerOutcome, Never>?

    /// Nil for a pipeline without the section `compute`.
    init?(
        _ options: ComputeOptions?, hook: String?, folder: String?, in workspace: Workspace, target: ServiceTarget,
        stop: StopSignal,
        observer: any BatchObserver, requests: (any RequestObserver)?
    ) {
        guard let options else { return nil }
        self.options = options
        self.hook = hook.map { ComputeHook(line: $0, folder: folder, hidden: target.secretVariables) }
        self.workspace = workspace
        self.target = target
        self.stop = stop
        self.observer = observer
        self.requests = requests
    }

    /// Why nothing may be submitted; nil if it may.
    func failure() async -> ClipFailure? {
        let work = self.work ?? Task(executorPreference: Blocking.threads) { await self.ask() }
        self.work = work
        let outcome = await withTaskCancellationHandler {
            await work.value
        } onCancel: {
            work.cancel()
        }
        return outcome.failure
    }

    /// For `batch.json`: of this run, or what the journal knows of an earlier one.
    func report() async -> ServerReport? {
        if let work { return await work.value.report }
        let record = try? await workspace.journal.server(titleID: options.titleID, sessionID: options.session)
        return record.map { record in
            let state: ServerReport.State =
                switch record.state {
                case .fulfilled: .fulfilled
                case .requested: .queued
                case .aborted: .aborted
                case .intended: .unknown
                }
            return record.report
                ?? ServerReport(titleId: options.titleID, sessionId: options.session, state: state)
        }
    }

    private func ask() async -> ServerOutcome {
        do throws(RunError) {
            let link = try ServiceLink(to: target, stop: stop, requests: requests)
            let outcome = await ask(link.session)
            await link.close()
            return outcome
        } catch {
            return failed("\(error)")
        }
    }

    private func ask(_ session: ServiceSession) async -> ServerOutcome {
        guard let client = ComputeClient(session) else {
            return failed("a server is wanted, and \"service\" has no address for it: add compute: URL")
        }
        return await ServerRequest(
            options, client: client, journal: workspace.journal, hook: hook, stop: stop
        ) { [observer] in
            observer.observe(.notice($0))
        }.run()
    }

    private func failed(_ reason: String) -> ServerOutcome {
        ServerOutcome(
            report: ServerReport(
                titleId: options.titleID, sessionId: options.session, state: .unknown, reason: reason),
            failure: ClipFailure(.permanent, reason))
    }
}
