import CMicroHTTPD
import Glibc

/// A body that announces its whole size, and ends before.
final class BrokenBody {
    private let body: OutgoingResponse.Body
    private let end: Int64

    private init(_ body: OutgoingResponse.Body, end: Int64) {
        self.body = body
        self.end = end
    }

    /// `MHD_create_response_from_callback`; nil when memory has run out.
    static func create(_ body: OutgoingResponse.Body, end: Int64) -> OpaquePointer? {
        let source = Unmanaged.passRetained(BrokenBody(body, end: end))
        let created = MHD_create_response_from_callback(
            UInt64(body.size), 32_768,
            { context, position, buffer, most in
                guard let context, let buffer else { return cmicrohttpd_end_with_error() }
                let source = Unmanaged<BrokenBody>.fromOpaque(context).takeUnretainedValue()
                return source.read(Int64(position), UnsafeMutableRawBufferPointer(start: buffer, count: most))
            }, source.toOpaque(),
            { context in context.map { Unmanaged<BrokenBody>.fromOpaque($0).release() } })
        if created == nil { source.release() }
        return created
    }

    private func read(_ position: Int64, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = Int(min(Int64(buffer.count), end - position))
        guard count > 0 else { return cmicrohttpd_end_with_error() }
        switch body {
        case .none:
            return cmicrohttpd_end_with_error()
        case .data(let data):
            let first = data.startIndex + Int(position)
            return data.copyBytes(to: buffer, from: first..<first + count)
        case .file(let file, let range):
            let read = pread(file.descriptor, buffer.baseAddress, count, off_t(range.lowerBound + position))
            return read > 0 ? read : cmicrohttpd_end_with_error()
        }
    }
}
