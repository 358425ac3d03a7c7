import Dispatch
import Foundation
import Glibc

/// A connection that sends whatever bytes a test wants, and can be broken off.
final class RawConnection: Sendable {
    fileprivate let descriptor: Int32

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw CurlFailure(status: errno, text: "connect") }
    }

    deinit {
        close(descriptor)
    }

    func send(_ text: String) throws {
        try send(Data(text.utf8))
    }

    func send(_ data: Data) throws {
        var rest = data[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw CurlFailure(status: errno, text: "send") }
            rest = rest.dropFirst(count)
        }
    }

    /// The next bytes; empty when the other side has closed.
    func receive() throws -> String {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count >= 0 else {
            if errno == ECONNRESET { return "" }
            throw CurlFailure(status: errno, text: "recv")
        }
        return String(decoding: buffer.prefix(count), as: UTF8.self)
    }

    /// What came back until the connection ended.
    struct Talk: Sendable {
        var text = ""
        var byteCount = 0
        /// By RST, rather than in an orderly way.
        var wasReset = false
    }

    /// Sends `data` on a connection of its own, as far as the other side takes it, and waits for the connection's end.
    static func talk(_ data: Data, port: UInt16) async throws -> Talk {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Result {
                        let connection = try RawConnection(port: port)
                        try? connection.send(data)
                        return try connection.receiveAll()
                    })
            }
        }
    }

    fileprivate func receiveAll() throws -> Talk {
        var talk = Talk()
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count != 0 else { return talk }
            guard count > 0 else {
                guard errno == ECONNRESET else { throw CurlFailure(status: errno, text: "recv") }
                talk.wasReset = true
                return talk
            }
            talk.byteCount += count
            if talk.text.utf8.count < 100_000 { talk.text += String(decoding: buffer.prefix(count), as: UTF8.self) }
        }
    }

    /// Sends `text` on a connection of its own, and gives what comes back first.
    static func exchange(_ text: String, port: UInt16) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Result {
                        let connection = try RawConnection(port: port)
                        try connection.send(text)
                        return try connection.receive()
                    })
            }
        }
    }
}

/// Asks until there is a value, at most for a while.
func eventually<Value>(_ body: () async throws -> Value?) async throws -> Value {
    let limit = ContinuousClock.now + .seconds(30)
    while true {
        if let value = try await body() { return value }
        guard ContinuousClock.now < limit else { throw CurlFailure(status: 0, text: "it did not come about") }
        await Task.yield()
    }
}

extension RawConnection {
    /// Says that nothing more will be sent, as the system does for a client that has ended.
    func finish() throws {
        guard shutdown(descriptor, Int32(SHUT_WR)) == 0 else { throw CurlFailure(status: errno, text: "shutdown") }
    }
}

extension RawConnection {
    /// How many bytes came until the connection's end.
    func byteCount() async throws -> Int {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try self.receiveAll().byteCount })
            }
        }
    }
}
