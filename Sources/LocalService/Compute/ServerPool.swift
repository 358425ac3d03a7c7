import ClipModel
import Support

/// Server instances, who has them, and who waits.
///
/// A pure value: all that happens by itself happens in `settle`, each at its own time. Every request is an allocation
/// of its own, also a second one for the same session.
struct ServerPool: Sendable {
    var settings: ServerSettings
    /// In the order of the requests.
    private(set) var allocations: [Allocation]

    /// One request for an instance.
    struct Allocation: Hashable, Sendable {
        /// Counts from 1.
        var number: Int64
        var titleId: String
        var sessionId: String
        /// Names the instance; empty until there is one.
        var hostId = ""
        var state: FulfillmentState
        var requested: Timestamp
        var fulfilled: Timestamp?
        /// When the instance was free again.
        var ended: Timestamp?

        var isRunning: Bool { state == .fulfilled && ended == nil }
        /// It neither runs nor waits.
        var isOver: Bool { !isRunning && state != .queued }
    }

    init(_ settings: ServerSettings, allocations: [Allocation] = []) {
        self.settings = settings
        self.allocations = allocations
    }

    var running: Int { allocations.count(where: \.isRunning) }
    var queued: Int { allocations.count { $0.state == .queued } }

    private var hasFree: Bool { settings.capacity.map { running < $0 } ?? true }

    /// Takes a request; `Aborted` if nothing is free and it is not to wait.
    mutating func request(title: String, session: String, abortIfQueued: Bool, at now: Timestamp) -> Allocation {
        settle(at: now)
        let number = (allocations.last?.number ?? 0) + 1
        var allocation = Allocation(
            number: number, titleId: title, sessionId: session, state: abortIfQueued ? .aborted : .queued,
            requested: now)
        if hasFree { allocation.fulfil(at: now) }
        allocations.append(allocation)
        return allocation
    }

    /// What a session has: an instance or a place in the queue, else what became of its last request; nil for a session
    /// that never asked, or whose instance is gone.
    func allocation(title: String, session: String) -> Allocation? {
        let name = SessionName.comparable(session)
        let own = allocations.filter { $0.titleId == title && SessionName.comparable($0.sessionId) == name }
        return own.last { $0.isRunning } ?? own.last { $0.state == .queued }
            ?? own.last.flatMap { $0.state == .aborted ? $0 : nil }
    }

    /// Everything that came about until now: instances end, the queue moves up, waiting ends.
    mutating func settle(at now: Timestamp) {
        while let (time, index) = nextEvent(), time <= now {
            if allocations[index].isRunning {
                allocations[index].ended = time
            } else if settings.queueEnd == .fulfilled {
                allocations[index].fulfil(at: time)
            } else {
                allocations[index].state = .aborted
            }
            moveUp(at: time)
        }
        moveUp(at: now)
    }

    /// Ends a session's instance.
    mutating func release(session: String, at now: Timestamp) -> Bool {
        change(session, at: now, where: \.isRunning) { $0.ended = now }
    }

    /// Ends a session's waiting.
    mutating func abort(session: String, at now: Timestamp) -> Bool {
        change(session, at: now, where: { $0.state == .queued }) { $0.state = .aborted }
    }

    /// Forgets the oldest requests that are over, as far as there are more than `most` in all; the latest stays, for
    /// it has the number that the next one counts from.
    mutating func forget(beyond most: Int) {
        var surplus = allocations.count - most
        guard surplus > 0, let latest = allocations.last?.number else { return }
        allocations.removeAll { allocation in
            guard surplus > 0, allocation.number != latest, allocation.isOver else { return false }
            surplus -= 1
            return true
        }
    }

    private mutating func change(
        _ session: String, at now: Timestamp, where condition: (Allocation) -> Bool,
        _ change: (inout Allocation) -> Void
    ) -> Bool {
        settle(at: now)
        let name = SessionName.comparable(session)
        let own = allocations.indices.filter {
            SessionName.comparable(allocations[$0].sessionId) == name && condition(allocations[$0])
        }
        for index in own { change(&allocations[index]) }
        moveUp(at: now)
        return !own.isEmpty
    }

    private mutating func moveUp(at time: Timestamp) {
        while hasFree, let first = allocations.firstIndex(where: { $0.state == .queued }) {
            allocations[first].fulfil(at: time)
        }
    }

    private func nextEvent() -> (time: Timestamp, index: Int)? {
        allocations.indices.compactMap { index in
            let allocation = allocations[index]
            let due =
                if allocation.isRunning {
                    settings.lifetime.flatMap { allocation.fulfilled?.advanced(by: $0) }
                } else if allocation.state == .queued {
                    settings.queueTime.map { allocation.requested.advanced(by: $0) }
                } else {
                    Timestamp?.none
                }
            return due.map { ($0, index) }
        }.min { ($0.0, $0.1) < ($1.0, $1.1) }
    }
}

extension ServerPool.Allocation {
    fileprivate mutating func fulfil(at time: Timestamp) {
        state = .fulfilled
        fulfilled = time
        hostId = RandomText.hexadecimal(bytes: 12)
    }
}

/// `/serviceconfigs/{scid}/sessiontemplates/{template}/session/{name}`, or a GUID: what a server is asked for.
enum SessionName {
    static let form = "/serviceconfigs/{scid}/sessiontemplates/{template}/session/{name}, or a GUID"

    static func isValid(_ text: String) -> Bool {
        if GUID.isValid(text) { return true }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        return !text.hasControlCharacters && parts.count == 7 && parts[0].isEmpty
            && parts[1].lowercased() == "serviceconfigs"
            && GUID.isValid(parts[2]) && parts[3].lowercased() == "sessiontemplates" && !parts[4].isEmpty
            && ["session", "sessions"].contains(parts[5].lowercased()) && !parts[6].isEmpty
    }

    /// Without case, and without the slashes at its ends: paths have them, or not.
    static func comparable(_ text: String) -> String {
        text.lowercased().split(separator: "/").joined(separator: "/")
    }
}
