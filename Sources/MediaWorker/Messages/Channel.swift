import Glibc
package import SystemIO

/// Frames over a socket.
package struct Channel: ~Copyable {
    package let socket: LocalSocket

    package init(socket: consuming LocalSocket) {
        self.socket = socket
    }

    /// Why there is no frame.
    package enum Failure: Error {
        /// The other end is gone.
        case closed
        /// Nothing came in time.
        case timedOut
        /// What came is no frame that may come here.
        case malformed
        case socket(FileError)
    }

    /// - Parameters:
    ///   - file: A descriptor that the other end gets a copy of.
    ///   - waits: False where the other end is not trusted to read.
    package func send(_ kind: Message.Kind, _ bytes: [UInt8] = [], file: Int32? = nil, waits: Bool = true)
        throws(Failure)
    {
        guard bytes.count <= kind.limit else { throw .malformed }
        let all = MessageHeader(kind: kind, length: bytes.count).bytes + bytes
        try Failure.wrapping { () throws(FileError) in try socket.send(all.span.bytes, file: file, waits: waits) }
    }

    /// The next frame, whole before `end`; nil waits for as long as the other end is there.
    func receive(until end: SuspendingClock.Instant?) throws(Failure) -> Message {
        guard let header = MessageHeader(try receive(exactly: MessageHeader.size, until: end)) else { throw .malformed }
        return Message(kind: header.kind, bytes: try receive(exactly: header.length, until: end))
    }

    private func receive(exactly count: Int, until end: SuspendingClock.Instant?) throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count {
            if let end {
                let isReadable = try Failure.wrapping { () throws(FileError) in
                    try socket.waitUntilReadable(until: end)
                }
                guard isReadable else { throw .timedOut }
            }
            let rest = count - bytes.count
            let part = try Failure.wrapping { () throws(FileError) in try socket.receive(atMost: rest) }
            guard !part.isEmpty else { throw .closed }
            bytes += part
        }
        return bytes
    }
}

extension Channel {
    /// The next frame, whenever it comes, and the descriptor that came with it, which is the caller's from then on.
    package func receive(file: inout Int32?) throws(Failure) -> Message {
        var bytes: [UInt8] = []
        func fill(to count: Int, _ file: inout Int32?) throws(Failure) {
            while bytes.count < count {
                let part: [UInt8]
                do throws(FileError) {
                    part = try socket.receive(atMost: count - bytes.count, file: &file)
                } catch {
                    throw .socket(error)
                }
                guard !part.isEmpty else { throw .closed }
                bytes += part
            }
        }
        try fill(to: MessageHeader.size, &file)
        guard let header = MessageHeader(bytes) else { throw .malformed }
        try fill(to: MessageHeader.size + header.length, &file)
        return Message(kind: header.kind, bytes: Array(bytes[MessageHeader.size...]))
    }
}

extension Channel.Failure {
    fileprivate static func wrapping<Value>(_ call: () throws(FileError) -> Value) throws(Self) -> Value {
        do throws(FileError) {
            return try call()
        } catch {
            throw error.code == EPIPE || error.code == ECONNRESET ? .closed : .socket(error)
        }
    }
}
