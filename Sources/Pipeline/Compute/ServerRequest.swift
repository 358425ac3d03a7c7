public import ClipModel
public import Journal
import SystemIO
public import XboxServices

/// Takes the request for a session's server instance to where the pipeline wants it, and remembers each step before the
/// next.
public struct ServerRequest: Sendable {
    let options: ComputeOptions
    let client: ComputeClient
    /// Nil: nothing is remembered but by the service.
    let journal: Journal?
    let hook: ComputeHook?
    let stop: StopSignal
    let notice: @Sendable (String) -> Void
    let clock: any Clock<Duration>

    /// - Parameter notice: Is told what happens, and what the hook prints.
    public init(
        _ options: ComputeOptions, client: ComputeClient, journal: Journal?, hook: ComputeHook? = nil, stop: StopSignal,
        clock: any Clock<Duration> = ContinuousClock(), notice: @escaping @Sendable (String) -> Void
    ) {
        self.options = options
        self.client = client
        self.journal = journal
        self.hook = hook
        self.stop = stop
        self.clock = clock
        self.notice = notice
    }

    /// What came of it; it never throws, for there is always something to report.
    public func run() async -> ServerOutcome {
        var record = ServerRecord(titleID: options.titleID, sessionID: options.session, state: .intended)
        do throws(ClipFailure) {
            return try await run(&record)
        } catch {
            var report = record.report ?? self.report(record.state == .requested ? .queued : .unknown)
            if report.state != .fulfilled { report.reason = error.reason }
            return ServerOutcome(report: report, failure: error)
        }
    }

    private func run(_ record: inout ServerRecord) async throws(ClipFailure) -> ServerOutcome {
        let start = Stopwatch(clock)
        var known: FulfillmentState?
        var interval = Duration.seconds(1)
        let kept = try await kept()
        if let kept { record = kept }
        let asksNow = record.state == .intended || record.state == .aborted
        if asksNow { (known, interval) = try await ask(&record, isLost: kept?.state == .intended) }
        while record.state != .fulfilled {
            switch known {
            case .aborted:
                return try await aborted(&record)
            case nil, .fulfilled:
                // Where the instance is has still to be asked for.
                break
            default:
                if options.ifQueued == .skip { return skipped() }
                guard start.now < options.timeout else { return timedOut() }
                await stop.sleep(for: min(interval, options.timeout - start.now), clock: clock)
                guard !stop.isRaised, !Task.isCancelled else { throw .interrupted }
            }
            // What was taken just now may take a moment to show; what is gone later has ended. An earlier run may have
            // been killed a moment ago.
            let seen = try await look(&record, patiently: !asksNow)
            if seen == nil, !asksNow { return try await ended(&record) }
            known = seen ?? .queued
        }
        try await runHook(&record)
        return ServerOutcome(report: record.report ?? report(.fulfilled), failure: nil)
    }

    /// Asks for an instance unless there is a request already.
    private func ask(
        _ record: inout ServerRecord, isLost: Bool
    ) async throws(ClipFailure) -> (FulfillmentState?, Duration) {
        let intent = ServerRecord(titleID: options.titleID, sessionID: options.session, state: .intended)
        let allocation: ServerAllocation
        do {
            allocation = try await client.allocate(
                titleID: options.titleID, sessionID: options.session, abortIfQueued: options.ifQueued == .abort,
                mayBeUnderWay: isLost
            ) { [journal] in
                try await journal?.save(intent)
            }
        } catch let failure as ServiceFailure {
            throw ClipFailure(failure)
        } catch {
            throw ClipFailure(journal: error)
        }
        record.state = .requested
        record.report = nil
        record.isHookDone = false
        switch allocation {
        case .requested(let state, let interval):
            notice("server: \(state.rawValue.lowercased())")
            if state != .aborted { try await save(record) }
            return (state, interval)
        case .found(let status):
            try await save(record)
            return (try await note(status, in: &record), .seconds(1))
        }
    }

    /// Nil: the service knows of no request.
    private func look(
        _ record: inout ServerRecord, patiently: Bool
    ) async throws(ClipFailure) -> FulfillmentState? {
        let status: WithUnknownFields<AllocationStatus>?
        do throws(ServiceFailure) {
            status = try await client.allocationStatus(
                titleID: options.titleID, sessionID: options.session, patiently: patiently)
        } catch {
            throw ClipFailure(error)
        }
        guard let status else { return nil }
        return try await note(status, in: &record)
    }

    private func note(
        _ status: WithUnknownFields<AllocationStatus>, in record: inout ServerRecord
    ) async throws(ClipFailure) -> FulfillmentState {
        if status.status == .fulfilled {
            var report = report(.fulfilled)
            report.note(status.known)
            record.report = report
            record.state = .fulfilled
            try await save(record)
            let place = [report.hostName, report.region.map { "(\($0))" }].compactMap(\.self).joined(separator: " ")
            notice("server: fulfilled at \(place.isEmpty ? "an unknown place" : place)")
        }
        // What nobody listed is no end.
        return FulfillmentState.listed.contains(status.status) ? status.status : .queued
    }
}

/// How the request for a server instance ended in this run.
public struct ServerOutcome: Hashable, Sendable {
    public var report: ServerReport
    /// Why clips are not submitted; nil if they may be.
    public var failure: ClipFailure?
}
