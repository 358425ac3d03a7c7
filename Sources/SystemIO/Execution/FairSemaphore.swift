/// A counting semaphore for tasks whose permits are shared out evenly among owners: one that is free goes to whoever has the
/// fewest of those who wait, so that nobody waits while somebody has more than their share, and none is idle. There are
/// fewer of them for a while when somebody says that it was too much.
public final class FairSemaphore<Owner: Hashable & Sendable>: Sendable {
    private struct Waiter {
        var ticket: UInt64
        var continuation: CheckedContinuation<Void, Never>
    }

    private struct Table {
        var limit: AdaptiveLimit
        var taken = 0
        var held: [Owner: Int] = [:]
        /// Those of an owner in the order in which they came; none is empty.
        var waiting: [Owner: [Waiter]] = [:]
        var lastTicket: UInt64 = 0

        /// Who is next: the owner with the fewest permits, of several the one who has waited longest.
        var next: Owner? {
            waiting.min { rank($0) < rank($1) }?.key
        }

        /// Who gets the permits that are there to be had.
        mutating func grant() -> [CheckedContinuation<Void, Never>] {
            var granted: [CheckedContinuation<Void, Never>] = []
            while taken < limit.current, let next, var line = waiting[next] {
                granted.append(line.removeFirst().continuation)
                waiting[next] = line.isEmpty ? nil : line
                take(next)
            }
            return granted
        }

        mutating func take(_ owner: Owner) {
            taken += 1
            held[owner, default: 0] += 1
        }

        private func rank(_ entry: (key: Owner, value: [Waiter])) -> (Int, UInt64) {
            (held[entry.key] ?? 0, entry.value.first?.ticket ?? 0)
        }
    }

    private let table: Locked<Table>

    /// `permits` below 1 is taken as 1.
    public init(_ permits: Int) {
        table = Locked(Table(limit: AdaptiveLimit(permits)))
    }

    /// Runs `body` while `owner` holds a permit.
    public func withPermit<Value, Failure: Error>(
        of owner: Owner, isolation: isolated (any Actor)? = #isolation, _ body: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        await wait(owner)
        defer { signal(owner) }
        return try await body()
    }

    /// How many tasks wait for a permit.
    package var waiting: Int { table.withLock { $0.waiting.values.reduce(0) { $0 + $1.count } } }

    private func wait(_ owner: Owner) async {
        await withCheckedContinuation { continuation in
            let hasPermit = table.withLock { table in
                guard table.taken >= table.limit.current else {
                    table.take(owner)
                    return true
                }
                table.lastTicket += 1
                table.waiting[owner, default: []].append(Waiter(ticket: table.lastTicket, continuation: continuation))
                return false
            }
            if hasPermit { continuation.resume() }
        }
    }

    private func signal(_ owner: Owner) {
        change { table in
            table.taken -= 1
            let left = (table.held[owner] ?? 0) - 1
            table.held[owner] = left > 0 ? left : nil
        }
    }

    /// What was done with a permit was taken by whom it was for.
    public func noteSuccess() { change { $0.limit.noteSuccess() } }

    /// Whom it was for says that it is too much: there are half as many permits as are held now, and more again with each
    /// round of successes.
    public func noteRefusal() { change { $0.limit.noteRefusal(underWay: $0.taken) } }

    /// How many permits there are now.
    package var permits: Int { table.withLock { $0.limit.current } }

    private func change(_ body: (inout sending Table) -> Void) {
        let granted = table.withLock { table in
            body(&table)
            return table.grant()
        }
        for continuation in granted { continuation.resume() }
    }
}
