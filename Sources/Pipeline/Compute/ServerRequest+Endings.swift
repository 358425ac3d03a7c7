import ClipModel
import Journal

extension ServerRequest {
    func aborted(_ record: inout ServerRecord) async throws(ClipFailure) -> ServerOutcome {
        record.state = .aborted
        try await save(record)
        let reason = "the service aborted the request for a server because none was free"
        return without(.aborted, reason, options.whenAborted, "run the same command again to ask once more")
    }

    func ended(_ record: inout ServerRecord) async throws(ClipFailure) -> ServerOutcome {
        // Should it show after all, another run is to find it before it asks again.
        record.state = .intended
        try await save(record)
        let reason = "the service knows of no request for a server any more, so its instance has ended"
        return without(.aborted, reason, options.whenAborted, "run the same command again to ask once more")
    }

    func skipped() -> ServerOutcome {
        notice("server: queued; going on without it")
        return ServerOutcome(report: report(.queued), failure: nil)
    }

    func timedOut() -> ServerOutcome {
        without(
            .queued, "no server was free within \(options.timeout); the request stays queued", options.whenTimedOut,
            "run the same command again to wait on")
    }

    func without(
        _ state: ServerReport.State, _ reason: String, _ otherwise: ComputeOptions.Otherwise, _ advice: String
    ) -> ServerOutcome {
        var report = report(state)
        report.reason = reason
        switch otherwise {
        case .continue:
            notice("server: \(reason); going on without it")
            return ServerOutcome(report: report, failure: nil)
        case .fail:
            return ServerOutcome(report: report, failure: ClipFailure(.temporary, "\(reason); \(advice)"))
        }
    }

    func runHook(_ record: inout ServerRecord) async throws(ClipFailure) {
        guard let hook, !record.isHookDone, let report = record.report else { return }
        do {
            notice(try await hook.run(report))
        } catch {
            // Ctrl-C on a terminal reaches the command as well.
            throw stop.isRaised ? .interrupted : error
        }
        record.isHookDone = true
        try await save(record)
    }

    func report(_ state: ServerReport.State) -> ServerReport {
        ServerReport(titleId: options.titleID, sessionId: options.session, state: state)
    }

    func kept() async throws(ClipFailure) -> ServerRecord? {
        do {
            return try await journal?.server(titleID: options.titleID, sessionID: options.session)
        } catch {
            throw ClipFailure(journal: error)
        }
    }

    func save(_ record: ServerRecord) async throws(ClipFailure) {
        do { try await journal?.save(record) } catch { throw ClipFailure(journal: error) }
    }
}
