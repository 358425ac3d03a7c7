import FoundationEssentials

/// Hands out a body piece by piece.
struct BodyReader {
    private let body: HTTPBody
    /// Bytes handed out.
    private var position: Int64 = 0

    init(_ body: HTTPBody) {
        self.body = body
    }

    /// Fills the buffer as far as the body reaches and returns how many bytes that were; 0 at the end.
    ///
    /// - Throws: `BodyReadError`, or what the source throws.
    mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let wanted = Int(min(Int64(buffer.count), body.count - position))
        guard wanted > 0 else { return 0 }
        let count: Int
        switch body {
        case .none: return 0
        case .bytes(let data):
            let start = data.startIndex + Int(position)
            count = data[start..<start + wanted].copyBytes(to: buffer)
        case .range(let source, let range):
            let offset = range.lowerBound + position
            count = try source.read(
                into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]), at: offset)
            guard count > 0 else {
                throw BodyReadError.endedEarly(offset: offset, expectedEnd: range.upperBound)
            }
            guard count <= wanted else { throw BodyReadError.readTooMuch }
        }
        position += Int64(count)
        return count
    }

    /// Goes to a place from the body's start; false if it is not inside the body.
    mutating func seek(to position: Int64) -> Bool {
        guard (0...body.count).contains(position) else { return false }
        self.position = position
        return true
    }
}
