import Synchronization
import SystemIO
import ClipModel
import Dispatch
import Glibc

/// When something last moved on a connection, by the service's clock.
final class ConnectionActivity: Sendable {
    let descriptor: Int32
    let isHeld = Atomic(false)
    /// A request's body is being read.
    let isReceiving = Atomic(false)
    /// The body took too long to come: 408.
    let hasTimedOut = Atomic(false)
    private let lastMove: Locked<Timestamp>

    init(descriptor: Int32, now: Timestamp) {
        self.descriptor = descriptor
        lastMove = Locked(now)
    }

    func move(at now: Timestamp) {
        lastMove.withLock { $0 = now }
    }

    /// Sends a few bytes beside the server, if any, and ends the connection in both directions (`shutdown`): the server
    /// sees the end of the stream, and closes.
    func end(_ text: String = "") {
        if !text.isEmpty { Connection.sendRaw(text, to: descriptor) }
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    func isIdle(since time: Timestamp) -> Bool {
        !isHeld.load(ordering: .relaxed) && lastMoved <= time
    }

    var lastMoved: Timestamp { lastMove.withLock { $0 } }
}

/// All connections: ends those that were idle for too long by the service's clock, which may be moved. libmicrohttpd's
/// own time-out knows the system's only. Where there are so many that soon there would be room for no other, those that
/// have been idle for longest go at once: a client that sends half a request and stops keeps nobody out.
final class Connections: Sendable {
    private let clock: any ServiceClock
    private let timeout: Duration
    /// Without TLS, so that a last answer can be sent beside the server.
    private let isPlain: Bool
    private let queue = DispatchQueue(label: "clipship.service.idle")
    private let open = Locked<[ObjectIdentifier: ConnectionActivity]>([:])

    /// From so many on room is made.
    private let most: Int
    private let isMakingRoom = Atomic(false)
    /// Nobody goes who has moved since then, however many there are.
    private static let shortest = Duration.seconds(2)

    init(clock: any ServiceClock, timeout: Int, most: Int, isPlain: Bool) {
        self.isPlain = isPlain
        self.most = most
        self.clock = clock
        self.timeout = .seconds(timeout)
    }

    func add(_ connection: ConnectionActivity) {
        let count = open.withLock { open in
            open[ObjectIdentifier(connection)] = connection
            return open.count
        }
        guard count > most, !isMakingRoom.exchange(true, ordering: .relaxed) else { return }
        queue.async { [weak self] in self?.makeRoom() }
    }

    private func makeRoom() {
        let limit = clock.now.advanced(by: .zero - Self.shortest)
        let excess = open.withLock { open in
            let excess = open.count - most
            guard excess > 0 else { return 0 }
            let idle = open.values.filter { $0.isIdle(since: limit) }.sorted { $0.lastMoved < $1.lastMoved }
            for connection in idle.prefix(excess) { end(connection) }
            return excess
        }
        guard excess > 0 else { return isMakingRoom.store(false, ordering: .relaxed) }
        clock.scheduleWatch(after: Self.shortest / 4, on: queue) { [weak self] in self?.makeRoom() }
    }

    private func end(_ connection: ConnectionActivity) {
        if connection.isReceiving.load(ordering: .relaxed) { sendTimeout(to: connection) }
        connection.end()
    }

    /// Called while the socket is still open.
    func remove(_ connection: ConnectionActivity) {
        _ = open.withLock { $0.removeValue(forKey: ObjectIdentifier(connection)) }
    }

    /// Looks for idle connections every now and then, for as long as there is a server.
    func watch() {
        guard timeout > .zero else { return }
        clock.scheduleWatch(after: timeout / 2, on: queue) { [weak self] in
            guard let self else { return }
            let limit = clock.now.advanced(by: .zero - timeout)
            open.withLock { open in
                for connection in open.values where connection.isIdle(since: limit) { end(connection) }
            }
            watch()
        }
    }

    /// Tells a client whose body stopped coming; the server itself would only close.
    private func sendTimeout(to connection: ConnectionActivity) {
        connection.hasTimedOut.store(true, ordering: .relaxed)
        guard isPlain else { return }
        let text = "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        Connection.sendRaw(text, to: connection.descriptor)
    }
}
