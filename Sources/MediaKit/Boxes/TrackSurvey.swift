/// What a `trak` box says that FFmpeg does not pass on.
struct TrackSurvey {
    /// `track_ID`, which is the stream's id; nil when the track has no readable header.
    var id: Int64?
    /// `vide`, `soun`, ...
    var handler: FourCC?
    /// One of the sample entries is protected.
    var isEncrypted = false
    /// `mdhd`'s duration in the track's time scale; nil when it is absent or all ones, "unknown".
    var mediaDuration: UInt64?
    /// Samples that the table claims to have.
    var sampleCount: UInt32 = 0

    init() {}

    /// Throws `unreadable`, `deadlineExceeded`; whatever is missing stays as it is.
    init(_ input: FileInput, _ track: Box) throws(MediaError) {
        for box in try BoxReader(input, in: track).all() {
            if box.type == "tkhd" { id = try Self.trackID(input, box) }
            guard box.type == "mdia" else { continue }
            for box in try BoxReader(input, in: box).all() {
                switch box.type {
                case "mdhd": mediaDuration = try Self.duration(input, box)
                case "hdlr":
                    let bytes = try input.bytes(at: box.payload, count: 12)
                    handler = bytes.bigEndian(UInt32.self, at: 8).map { FourCC($0) }
                case "minf": try readMediaInformation(input, box)
                default: break
                }
            }
        }
    }

    private mutating func readMediaInformation(_ input: FileInput, _ information: Box) throws(MediaError) {
        for table in try BoxReader(input, in: information).all() where table.type == "stbl" {
            for box in try BoxReader(input, in: table).all() {
                if box.type == "stsd" {
                    isEncrypted = try Self.hasProtectedEntry(input, box)
                } else if box.type == "stsz" {
                    let bytes = try input.bytes(at: box.payload, count: 12)
                    sampleCount = bytes.bigEndian(UInt32.self, at: 8) ?? 0
                }
            }
        }
    }

    /// ISO/IEC 14496-12, section 8.12: a protected entry is named `encv` or `enca` and holds a `sinf` box.
    private static func hasProtectedEntry(_ input: FileInput, _ description: Box) throws(MediaError) -> Bool {
        let entries = BoxReader(input, from: description.payload + 8, to: description.end)
        return try entries.all(most: 64).contains { ["encv", "enca", "drmi", "drms"].contains($0.type) }
    }

    private static func trackID(_ input: FileInput, _ header: Box) throws(MediaError) -> Int64? {
        let bytes = try input.bytes(at: header.payload, count: 24)
        let offset = bytes.first == 1 ? 20 : 12
        return bytes.bigEndian(UInt32.self, at: offset).map { Int64($0) }
    }

    private static func duration(_ input: FileInput, _ header: Box) throws(MediaError) -> UInt64? {
        let bytes = try input.bytes(at: header.payload, count: 32)
        if bytes.first == 1 {
            return bytes.bigEndian(UInt64.self, at: 24).flatMap { $0 == .max ? nil : $0 }
        }
        return bytes.bigEndian(UInt32.self, at: 16).flatMap { $0 == .max ? nil : UInt64($0) }
    }
}
