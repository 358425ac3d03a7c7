import CMicroHTTPD
import Glibc

/// Owns a `struct MHD_Response` (`MHD_destroy_response`); the server keeps its own hold on one that is
/// queued.
struct MHDResponse: ~Copyable {
    private let pointer: OpaquePointer
    private let status: UInt32

    /// Nil when memory or descriptors have run out.
    ///
    /// - Parameter end: the connection closes when so many bytes of the body have been sent.
    init?(_ response: OutgoingResponse, bodyBreaksOffAt end: Int64? = nil) {
        let created = end.map { BrokenBody.create(response.body, end: $0) } ?? Self.create(response.body)
        guard let pointer = created else { return nil }
        self.pointer = pointer
        status = UInt32(response.status)
        for header in response.headers {
            MHD_add_response_header(pointer, header.name, header.value)
        }
    }

    deinit {
        MHD_destroy_response(pointer)
    }

    /// `MHD_queue_response`; false if the server can't take an answer now.
    borrowing func queue(on connection: OpaquePointer) -> Bool {
        MHD_queue_response(connection, status, pointer) == .YES
    }

    private static func create(_ body: OutgoingResponse.Body) -> OpaquePointer? {
        switch body {
        case .none:
            return MHD_create_response_from_buffer(0, nil, .RESPMEM_PERSISTENT)
        case .data(let data):
            return data.withUnsafeBytes { bytes in
                MHD_create_response_from_buffer(
                    bytes.count, UnsafeMutableRawPointer(mutating: bytes.baseAddress), .RESPMEM_MUST_COPY)
            }
        case .file(let file, let range):
            // The response closes the descriptor that it is given, so it gets one of its own.
            let descriptor = fcntl(file.descriptor, F_DUPFD_CLOEXEC, 0)
            guard descriptor >= 0 else { return nil }
            let created = MHD_create_response_from_fd_at_offset64(
                UInt64(range.count), descriptor, UInt64(range.lowerBound))
            if created == nil { close(descriptor) }
            return created
        }
    }
}
