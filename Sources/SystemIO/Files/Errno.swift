import Glibc

/// An error number of the C library: what it means, and what may be done about it.
public struct Errno: Hashable, Sendable, CustomStringConvertible {
    public let code: Int32

    public init(_ code: Int32) {
        self.code = code
    }

    /// What the last call of this thread that failed left (`errno`).
    public static var last: Errno { Errno(errno) }

    /// Whether the same call may succeed later although nobody has mended anything that concerns it.
    ///
    /// This is the one table of that, and the exit code follows from it. What is not in it is permanent, such as a missing
    /// permission, a file system that can only be read, or a disk that is broken.
    public var isTemporary: Bool {
        switch code {
        // Descriptors, memory, room on a disk, processes, locks.
        case EMFILE, ENFILE, ENOMEM, ENOBUFS, ENOSPC, EDQUOT, EAGAIN, ENOLCK, EINTR: true
        // Somebody else has it just now.
        case EBUSY, ETXTBSY, EDEADLK: true
        // A file system on another machine that is away.
        case ESTALE, ETIMEDOUT, ENETDOWN, ENETUNREACH, EHOSTDOWN, EHOSTUNREACH, ECONNRESET, ENOTCONN, ESHUTDOWN: true
        default: false
        }
    }

    /// The C library's words (`strerror_r`).
    public var description: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let text = buffer.baseAddress, strerror_r(code, text, buffer.count) == 0 else {
                return "error \(code)"
            }
            return String(cString: text)
        }
    }
}
