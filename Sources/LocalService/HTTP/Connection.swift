import CMicroHTTPD
import ClipModel
import Glibc
import Synchronization

/// A client's connection, as the thread that serves it may use it.
struct Connection {
    let pointer: OpaquePointer
    private let descriptor: Int32

    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
        descriptor = cmicrohttpd_socket(pointer)
    }

    /// Has the server leave the connection alone until it is resumed (`MHD_suspend_connection`).
    func suspend() -> SuspendedConnection {
        activity?.isHeld.store(true, ordering: .relaxed)
        MHD_suspend_connection(pointer)
        return SuspendedConnection(pointer: pointer, descriptor: descriptor, activity: activity)
    }

    /// When something last moved on it.
    var activity: ConnectionActivity? {
        cmicrohttpd_socket_context(pointer).map {
            Unmanaged<ConnectionActivity>.fromOpaque($0).takeUnretainedValue()
        }
    }

    /// All header fields of the request as they came, whatever bytes are in them (`MHD_get_connection_values_n`).
    func requestHeader() -> RequestHeader {
        var header = RequestHeader()
        withUnsafeMutablePointer(to: &header) { header in
            _ = MHD_get_connection_values_n(
                pointer, .HEADER_KIND,
                { context, _, name, nameSize, value, valueSize in
                    guard let context, let name else { return .YES }
                    context.assumingMemoryBound(to: RequestHeader.self).pointee.append(
                        UnsafeRawBufferPointer(start: name, count: nameSize),
                        UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : valueSize))
                    return .YES
                }, header)
        }
        header.end()
        return header
    }

    /// Leaves the client's bytes with the client rather than in a large buffer of the system's (`SO_RCVBUF`).
    func shrinkReceiveBuffer() {
        var size: Int32 = 16_384
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Sends a few bytes beside the server's own answer.
    func sendRaw(_ text: String) {
        Self.sendRaw(text, to: descriptor)
    }

    static func sendRaw(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// Sends RST at once: dissolving the association (`connect` to `AF_UNSPEC`) does so before the server can close
    /// the connection in an orderly way. The server then closes a socket that is connected to nothing.
    func reset() {
        var nowhere = sockaddr()
        nowhere.sa_family = sa_family_t(AF_UNSPEC)
        connect(descriptor, &nowhere, socklen_t(MemoryLayout<sockaddr>.size))
    }
}

/// A connection that the server leaves alone until it is resumed.
///
/// Unchecked: pointer and descriptor stay valid while the connection is suspended, `MHD_resume_connection` may be
/// called on any thread, and it is called once.
struct SuspendedConnection: @unchecked Sendable {
    fileprivate let pointer: OpaquePointer
    fileprivate let descriptor: Int32
    fileprivate let activity: ConnectionActivity?

    func resume(at now: Timestamp? = nil) {
        if let now { activity?.move(at: now) }
        activity?.isHeld.store(false, ordering: .relaxed)
        MHD_resume_connection(pointer)
    }

    /// `POLLRDHUP` of Linux's `<poll.h>`, which Swift does not see.
    private static let readHangUp: Int16 = 0x2000

    /// The client has closed or lost its side (`poll`).
    var isLost: Bool {
        var state = pollfd(fd: descriptor, events: Self.readHangUp, revents: 0)
        return poll(&state, 1, 0) > 0
    }
}
