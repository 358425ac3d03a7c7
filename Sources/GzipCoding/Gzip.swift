import CZlib
public import FoundationEssentials

/// The gzip format of RFC 1952, written by zlib.
public struct Gzip: ~Copyable {
    /// Where zlib keeps what it works with; it must stay at one address.
    private let stream: UnsafeMutablePointer<z_stream>

    /// `deflateInit2`; nil when memory has run out.
    private init?() {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard czlib_deflate_init_gzip(stream, Z_DEFAULT_COMPRESSION) == Z_OK else {
            stream.deallocate()
            return nil
        }
        self.stream = stream
    }

    /// `deflateEnd`
    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// `data` compressed, in one go (`deflateBound`, `deflate`); nil when memory has run out or `data` is larger than
    /// 4 GiB.
    public static func compressed(_ data: Data) -> Data? {
        guard let gzip = Gzip(), let count = UInt32(exactly: data.count) else { return nil }
        return gzip.all(of: data, count)
    }

    private borrowing func all(of data: Data, _ count: UInt32) -> Data? {
        guard let room = UInt32(exactly: deflateBound(stream, UInt(count))) else { return nil }
        var input = Array(data)
        var output = [UInt8](repeating: 0, count: Int(room))
        let result = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.pointee.next_in = input.baseAddress
                stream.pointee.avail_in = count
                stream.pointee.next_out = output.baseAddress
                stream.pointee.avail_out = room
                return deflate(stream, Z_FINISH)
            }
        }
        guard result == Z_STREAM_END else { return nil }
        return Data(output.prefix(Int(room - stream.pointee.avail_out)))
    }
}
