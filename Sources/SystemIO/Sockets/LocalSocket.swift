import CLinux
import Glibc

/// Owns one end of a pair of sockets between two processes of this machine.
public struct LocalSocket: ~Copyable, Sendable {
    public let descriptor: Int32

    /// Takes over a descriptor that this process was given at its start; nil if it is no socket (`getsockopt`).
    public init?(owning descriptor: Int32) {
        var kind: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &kind, &size) == 0 else { return nil }
        self.descriptor = descriptor
    }

    private init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Both ends; frozen so that they can be taken apart.
    @frozen
    public struct Pair: ~Copyable, Sendable {
        public let ours: LocalSocket
        public let theirs: LocalSocket
    }

    /// Two ends that are closed in programs started from here (`socketpair` with `SOCK_STREAM | SOCK_CLOEXEC`).
    public static func pair() throws(FileError) -> Pair {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        // The name says what to have allowed where it isn't.
        try check("open", "a pair of sockets (socketpair)") { socketpair(AF_UNIX, kind, 0, &ends) }
        return Pair(ours: LocalSocket(ends[0]), theirs: LocalSocket(ends[1]))
    }

    /// Sends all of `bytes`, and `file`, a descriptor that the other end gets a copy of, with the first of them
    /// (`sendmsg` with `SCM_RIGHTS`).
    ///
    /// - Parameter waits: False: throws `EAGAIN` where there is no room for all, having sent a part.
    public func send(_ bytes: RawSpan, file: Int32? = nil, waits: Bool = true) throws(FileError) {
        var sent = 0
        while sent < bytes.byteCount {
            let rest = bytes.extracting(sent...)
            let attached = sent == 0 ? file ?? -1 : -1
            sent += try check("send to", "a process") {
                rest.withUnsafeBytes { buffer in
                    clinux_send(
                        descriptor, buffer.baseAddress, buffer.count, attached, waits ? 0 : Int32(MSG_DONTWAIT))
                }
            }
        }
    }

    /// What is there, at most `count` bytes; none at the end. Blocks until there is something (`recv`). Descriptors
    /// that come along are dropped.
    public func receive(atMost count: Int) throws(FileError) -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { (buffer, filled) throws(FileError) in
            let target = UnsafeMutableRawBufferPointer(buffer)
            filled = try check("receive from", "a process") { recv(descriptor, target.baseAddress, target.count, 0) }
        }
    }

    /// The same; `file` is the descriptor that came along, owned by the caller, or nil (`recvmsg`).
    public func receive(atMost count: Int, file: inout Int32?) throws(FileError) -> [UInt8] {
        var attached: Int32 = -1
        let bytes = try [UInt8](unsafeUninitializedCapacity: count) { (buffer, filled) throws(FileError) in
            let target = UnsafeMutableRawBufferPointer(buffer)
            filled = try check("receive from", "a process") {
                clinux_receive(descriptor, target.baseAddress, target.count, &attached)
            }
        }
        if attached != -1 { file = attached }
        return bytes
    }

    /// Ends the talk for both ends, also for a thread that waits here (`shutdown`).
    public func hangUp() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// False if nothing came and the other end was not closed until then (`poll`).
    public func waitUntilReadable(until end: SuspendingClock.Instant) throws(FileError) -> Bool {
        while true {
            let rest = SuspendingClock.now.duration(to: end)
            let milliseconds = max(0, Int32(clamping: Int64((rest / .milliseconds(1)).rounded(.up))))
            var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            if try check("wait for", "a process", { poll(&wanted, 1, milliseconds) }) > 0 { return true }
            if rest <= .zero { return false }
        }
    }

    /// Blocks until the other end is gone, whatever it sends before (`poll`).
    public static func waitForHangUp(of descriptor: Int32) {
        while true {
            var wanted = pollfd(fd: descriptor, events: 0, revents: 0)
            let count = poll(&wanted, 1, -1)
            if count > 0 || (count < 0 && errno != EINTR) { return }
        }
    }
}
