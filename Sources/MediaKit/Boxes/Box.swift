import ClipModel

/// The four characters that name a box, a brand, or a sample entry.
struct FourCC: Hashable, ExpressibleByStringLiteral {
    let value: UInt32

    init(_ value: UInt32) { self.value = value }

    init(stringLiteral text: StaticString) {
        value = text.withUTF8Buffer { $0.prefix(4).reduce(0) { $0 << 8 | UInt32($1) } }
    }

    /// The characters; nil when one is not printable ASCII.
    var text: String? {
        let bytes = (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * UInt32($0))) }
        guard bytes.allSatisfy({ (0x20...0x7E).contains($0) }) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// A box of ISO/IEC 14496-12, section 4.2: where its payload starts, and where it says that it ends.
struct Box {
    let type: FourCC
    /// Byte offset in the file of the type's four characters.
    let typeOffset: Int64
    /// Byte offset in the file of what follows the header.
    let payload: Int64
    /// Byte offset in the file; may lie behind the end of what contains it.
    let end: Int64
}

/// A row of boxes in a range of the file, read one header at a time.
struct BoxReader {
    enum Next {
        case box(Box)
        case end
        /// A header that can't be: a size smaller than the header itself, or beyond what 64 bits hold.
        case malformed
    }

    private let input: FileInput
    private var offset: Int64
    private let limit: Int64

    /// The boxes from `start` up to `limit`.
    init(_ input: FileInput, from start: Int64, to limit: Int64) {
        self.input = input
        offset = start
        self.limit = min(limit, input.size)
    }

    /// The boxes within another.
    init(_ input: FileInput, in box: Box) {
        self.init(input, from: box.payload, to: box.end)
    }

    /// Fewer than 8 bytes at the end count as the end. Throws `unreadable`, `deadlineExceeded`.
    mutating func next() throws(MediaError) -> Next {
        guard offset < limit, limit - offset >= 8 else { return .end }
        let header = try input.bytes(at: offset, count: 16)
        guard let size32 = header.bigEndian(UInt32.self, at: 0), let type = header.bigEndian(UInt32.self, at: 4)
        else { return .end }
        var headerSize: Int64 = 8
        var size = Int64(size32)
        if size32 == 0 {
            size = limit - offset
        } else if size32 == 1 {
            guard let size64 = header.bigEndian(UInt64.self, at: 8), let exact = Int64(exactly: size64) else {
                return .malformed
            }
            headerSize = 16
            size = exact
        }
        let (end, overflow) = offset.addingReportingOverflow(size)
        guard size >= headerSize, !overflow else { return .malformed }
        let box = Box(type: FourCC(type), typeOffset: offset + 4, payload: offset + headerSize, end: end)
        offset = end
        return .box(box)
    }

    /// The boxes that lie wholly within the range, at most `most` of them.
    func all(most: Int = 10_000) throws(MediaError) -> [Box] {
        var reader = self
        var boxes: [Box] = []
        while boxes.count < most, case .box(let box) = try reader.next(), box.end <= limit {
            boxes.append(box)
        }
        return boxes
    }
}

extension [UInt8] {
    /// The big-endian number at `offset`; nil when the bytes end before it does.
    func bigEndian<Number: FixedWidthInteger & UnsignedInteger>(_: Number.Type, at offset: Int) -> Number? {
        let size = Number.bitWidth / 8
        guard offset >= 0, count - offset >= size else { return nil }
        return self[offset..<(offset + size)].reduce(0) { $0 << 8 | Number($1) }
    }
}
