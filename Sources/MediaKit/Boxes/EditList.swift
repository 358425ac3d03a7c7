import ClipModel

/// An `elst` box (ISO/IEC 14496-12, section 8.6.6): which parts of the media are presented, in which order, how fast.
struct EditList: Hashable {
    struct Entry: Hashable {
        /// In units of the movie's time scale; 0 in the last entry: to the end of the media.
        var duration: Int64
        /// Where the part starts, in units of the track's time scale; nil: nothing is presented.
        var start: Int64?
        /// Speed in units of 1/65,536; 0 holds one picture.
        var rate: Int32
    }

    private(set) var entries: [Entry] = []

    init(_ entries: [Entry] = []) { self.entries = entries }

    /// Throws `unreadable`, `deadlineExceeded`; entries beyond `mostEntries` or the end of the box are left out.
    init(_ input: FileInput, _ box: Box) throws(MediaError) {
        let header = try input.bytes(at: box.payload, count: 8)
        guard let count = header.bigEndian(UInt32.self, at: 4) else { return }
        let isWide = header.first == 1
        let size = isWide ? 20 : 12
        let room = max(0, min(box.end, input.size) - box.payload - 8) / Int64(size)
        let bytes = try input.bytes(at: box.payload + 8, count: Int(min(Int64(count), room, Self.mostEntries)) * size)
        for offset in stride(from: 0, to: bytes.count - size + 1, by: size) {
            guard let rate = bytes.bigEndian(UInt32.self, at: offset + size - 4),
                let entry = Self.times(bytes, offset, isWide)
            else { return }
            entries.append(
                Entry(duration: entry.duration, start: entry.start, rate: Int32(bitPattern: rate)))
        }
    }

    private static func times(_ bytes: [UInt8], _ offset: Int, _ isWide: Bool) -> (duration: Int64, start: Int64?)? {
        if isWide {
            guard let duration = bytes.bigEndian(UInt64.self, at: offset),
                let start = bytes.bigEndian(UInt64.self, at: offset + 8)
            else { return nil }
            let signed = Int64(bitPattern: start)
            return (duration == .max ? 0 : Int64(clamping: duration), signed < 0 ? nil : signed)
        }
        guard let duration = bytes.bigEndian(UInt32.self, at: offset),
            let start = bytes.bigEndian(UInt32.self, at: offset + 4)
        else { return nil }
        let signed = Int64(Int32(bitPattern: start))
        return (duration == .max ? 0 : Int64(duration), signed < 0 ? nil : signed)
    }

    /// More than editors write for the longest recordings.
    private static let mostEntries: Int64 = 65_536
}
