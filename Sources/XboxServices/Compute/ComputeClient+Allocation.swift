public import ClipModel

/// Where a request for an instance stands.
public enum ServerAllocation: Hashable, Sendable {
    /// The service has just taken the request.
    case requested(FulfillmentState, pollInterval: Duration)
    /// There was one already, or one whose answer was lost.
    case found(WithUnknownFields<AllocationStatus>)
}

extension ComputeClient {
    /// Asks for an instance unless the session has one, or waits for one. However answers get lost, no second one is
    /// asked for while there may be a first.
    ///
    /// - Parameters:
    ///   - mayBeUnderWay: An earlier request's answer is not known, so its traces are looked for patiently.
    ///   - intending: Called before each request is sent.
    /// - Throws: `ServiceFailure`, and what `intending` throws.
    public func allocate(
        titleID: UInt32, sessionID: String, abortIfQueued: Bool, mayBeUnderWay: Bool = false,
        intending: @Sendable () async throws -> Void = {}
    ) async throws -> ServerAllocation {
        let (clock, random) = (session.caller.clock, session.caller.random)
        var backOff = BackOff(session.caller.policy, at: clock.now)
        var lost: ServiceFailure?
        var mayAsk = true
        while true {
            // The last thing before each request: what a lost one led to may show at any moment.
            let isLookedFor = mayBeUnderWay || lost != nil
            if let found = try await allocationStatus(
                titleID: titleID, sessionID: sessionID, patiently: isLookedFor)
            {
                // An earlier request that was aborted is over; ours, of which we don't know, would be just that.
                if found.status != .aborted || isLookedFor { return .found(found) }
            }
            if let lost, !mayAsk { throw lost }
            try await intending()
            do throws(ServiceFailure) {
                let answer = try await requestCluster(
                    titleID: titleID,
                    WithUnknownFields(ClusterRequest(sessionId: sessionID, abortIfQueued: abortIfQueued)))
                return .requested(answer.fulfillmentState, pollInterval: answer.known.pollInterval)
            } catch {
                guard error.recovery == .reconcile else { throw error }
                lost = error
            }
            let wait =
                lost.map(Self.mayBeRepeated) == true
                ? random.use { backOff.wait(at: clock.now, using: &$0) } : nil
            if let wait { try await sleep(wait) }
            mayAsk = wait != nil
        }
    }

    /// The statuses that the reference allows to try again after, and answers that did not come.
    private static func mayBeRepeated(_ failure: ServiceFailure) -> Bool {
        failure.status.map { [408, 429, 500, 502, 503, 504].contains($0) } ?? true
    }

    /// Where the session's request stands; nil if the service knows of none.
    ///
    /// - Parameter patiently: Nil only after three times in two seconds, for a request that was taken may take a moment
    ///   to show.
    public func allocationStatus(
        titleID: UInt32, sessionID: String, patiently: Bool
    ) async throws(ServiceFailure) -> WithUnknownFields<AllocationStatus>? {
        for _ in 0..<(patiently ? 2 : 0) {
            if let found = try await allocationStatus(titleID: titleID, sessionID: sessionID) { return found }
            try await sleep(.seconds(1))
        }
        return try await allocationStatus(titleID: titleID, sessionID: sessionID)
    }

    private func sleep(_ duration: Duration) async throws(ServiceFailure) {
        do {
            try await session.caller.clock.sleep(duration)
        } catch {
            throw ServiceFailure(call: "asking for a server", .cancelled, .retry(after: nil))
        }
    }
}

extension ClusterResponse {
    /// Between 100 ms and a minute, whatever the service says; a second if it says nothing.
    public var pollInterval: Duration {
        .milliseconds(min(max(pollIntervalMilliseconds?.int64 ?? 1_000, 100), 60_000))
    }
}
