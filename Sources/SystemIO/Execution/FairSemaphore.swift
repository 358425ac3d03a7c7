/// A counting semaphore for tasks whose permits are shared out evenly among owners: one that is free goes to whoever has the
/// fewest of those who wait, so that nobody waits while somebody has more than their share, and none is idle.
public final class FairSemaphore<Owner: Hashable & Sendable>: Sendable {
    private struct Waiter {
        var ticket: UInt64
        var continuation: CheckedContinuation<Void, Never>
    }

    private struct Table {
        var free: Int
        var held: [Owner: Int] = [:]
        /// Those of an owner in the order in which they came; none is empty.
        var waiting: [Owner: [Waiter]] = [:]
        var lastTicket: UInt64 = 0

        /// Who is next: the owner with the fewest permits, of several the one who has waited longest.
        var next: Owner? {
            waiting.min { rank($0) < rank($1) }?.key
        }

        private func rank(_ entry: (key: Owner, value: [Waiter])) -> (Int, UInt64) {
            (held[entry.key] ?? 0, entry.value.first?.ticket ?? 0)
        }
    }

    private let table: Locked<Table>

    /// `permits` below 1 is taken as 1.
    public init(_ permits: Int) {
        table = Locked(Table(free: max(1, permits)))
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
                guard table.free == 0 else {
                    table.free -= 1
                    table.held[owner, default: 0] += 1
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
        let next = table.withLock { table -> CheckedContinuation<Void, Never>? in
            let left = (table.held[owner] ?? 0) - 1
            table.held[owner] = left > 0 ? left : nil
            guard let next = table.next, var line = table.waiting[next] else {
                table.free += 1
                return nil
            }
            let waiter = line.removeFirst()
            table.waiting[next] = line.isEmpty ? nil : line
            table.held[next, default: 0] += 1
            return waiter.continuation
        }
        next?.resume()
    }
}
