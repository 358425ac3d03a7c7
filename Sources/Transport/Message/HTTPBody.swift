public import FoundationEssentials

/// What a request carries.
public enum HTTPBody: Sendable {
    case none
    case bytes(Data)
    /// Streamed from a source, from `range.lowerBound` up to, not including, `range.upperBound`.
    case range(any ByteRangeSource, Range<Int64>)

    /// Bytes.
    public var count: Int64 {
        switch self {
        case .none: 0
        case .bytes(let data): Int64(data.count)
        case .range(_, let range): range.upperBound - range.lowerBound
        }
    }
}

/// Bytes that can be read at any place, such as an open file.
public protocol ByteRangeSource: Sendable {
    /// Reads up to `buffer.count` bytes from `offset` on, as `pread` does, and returns how many; 0 only if
    /// there are none there any more.
    ///
    /// It is called on the transport's thread, so it should be about as quick as reading a file. For one
    /// transfer the calls come in order, and start again from the range's first byte if the bytes have to be
    /// sent again. What it throws aborts the transfer and comes back as `TransportError.Kind.bodySource`.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws -> Int
}

/// Why a body could not be read to its end.
public enum BodyReadError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The source had no byte at `offset`, though the range goes up to `expectedEnd`.
    case endedEarly(offset: Int64, expectedEnd: Int64)
    /// The source claims to have read more than there was room for.
    case readTooMuch

    public var description: String {
        switch self {
        case .endedEarly(let offset, let end):
            "the file ends at byte \(offset), \(end - offset) bytes too early"
        case .readTooMuch: "the source returned more bytes than asked for"
        }
    }
}
