import ClipModel
import SQLite
import SystemIO

/// The pool that all calls share, with a record of each allocation in `service.db`.
final class Servers: Sendable {
    /// Requests in memory, beyond which those that are over are on record only; at least half of them stay.
    private static let most = 2_000
    private let pool: Locked<ServerPool>
    private let database: Locked<SQLiteDatabase>

    init(_ settings: ServerSettings, database: Locked<SQLiteDatabase>) throws(LocalServiceError) {
        self.database = database
        let allocations = try LocalServiceError.wrapping {
            try database.withLock { database throws(SQLiteError) in try Self.read(database) }
        }
        var pool = ServerPool(settings, allocations: allocations)
        pool.forget(beyond: Self.most)
        self.pool = Locked(pool)
    }

    /// Lends the pool as it is at a time; what changed is on record when this returns.
    func withPool<Value: Sendable>(at now: Timestamp, _ body: (inout ServerPool) -> Value) throws(SQLiteError) -> Value
    {
        try pool.withLock { pool throws(SQLiteError) in
            var copy = pool
            copy.settle(at: now)
            let value = body(&copy)
            try write(copy.allocations, before: pool.allocations)
            if copy.allocations.count > Self.most { copy.forget(beyond: Self.most / 2) }
            pool = copy
            return value
        }
    }

    private func write(
        _ allocations: [ServerPool.Allocation], before: [ServerPool.Allocation]
    ) throws(SQLiteError) {
        let changed = allocations.enumerated().filter { index, allocation in
            !before.indices.contains(index) || before[index] != allocation
        }.map(\.element)
        guard !changed.isEmpty else { return }
        try database.withLock { database throws(SQLiteError) in
            for allocation in changed {
                try database.run(
                    "INSERT OR REPLACE INTO allocations VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    [
                        .integer(allocation.number), .text(allocation.titleId), .text(allocation.sessionId),
                        .text(allocation.hostId), .text(allocation.state.rawValue),
                        .text(allocation.requested.description), .text(allocation.fulfilled?.description),
                        .text(allocation.ended?.description),
                    ])
            }
        }
    }

    private static func read(_ database: SQLiteDatabase) throws(SQLiteError) -> [ServerPool.Allocation] {
        let columns = "number, title_id, session_id, host_id, state, requested, fulfilled, ended"
        return try database.query("SELECT \(columns) FROM allocations ORDER BY number") { row throws(SQLiteError) in
            ServerPool.Allocation(
                number: row.integer(0), titleId: row.text(1), sessionId: row.text(2), hostId: row.text(3),
                state: FulfillmentState(rawValue: row.text(4)),
                requested: Timestamp(parsing: row.text(5)) ?? Timestamp(seconds: 0),
                fulfilled: row.optionalText(6).flatMap { Timestamp(parsing: $0) },
                ended: row.optionalText(7).flatMap { Timestamp(parsing: $0) })
        }
    }
}

/// The server instances that game server management has to give, and how long things take.
public struct ServerSettings: Hashable, Sendable {
    /// How many instances run at once; nil for as many as are asked for.
    public var capacity: Int?
    /// How long an instance runs before it is free again; nil for ever.
    public var lifetime: Duration?
    /// How long a request waits at most for an instance to become free; nil for ever.
    public var queueTime: Duration?
    /// What becomes of a request that has waited for so long.
    public var queueEnd = QueueEnd.fulfilled
    /// What callers are told of how often to poll.
    public var pollInterval = Duration.seconds(1)

    /// As many instances as are asked for.
    public init() {}

    public enum QueueEnd: String, Hashable, Sendable, CaseIterable {
        /// One more instance is started for it.
        case fulfilled
        case aborted
    }
}
