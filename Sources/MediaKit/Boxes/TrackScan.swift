import ClipModel

/// What a `trak` box says that FFmpeg does not pass on.
struct TrackScan {
    /// `track_ID`, which is the stream's id; nil when the track has no readable header.
    var id: Int64?
    /// `vide`, `soun`, ...
    var handler: FourCC?
    /// One of the sample entries is protected.
    var isEncrypted = false
    /// Samples are in another file.
    var isExternal = false
    /// `mdhd`'s duration in the track's time scale; nil when it is absent, or 0 or all ones, which say nothing.
    var mediaDuration: UInt64? { [0, UInt64(UInt32.max), .max].contains(headerDuration) ? nil : headerDuration }
    /// The same as it stands there; 0 when it is absent.
    var headerDuration: UInt64 = 0
    /// Nil when the track has none.
    var edits: EditList?
    /// The last duration of `stts`, in the track's time scale: how long the last sample lasts; nil when absent.
    var lastSampleDuration: UInt32?
    /// The name that `udta` gives the track, which recorders write and FFmpeg does not read; nil when it has none.
    var name: String?
    /// What the first sample entry is named: `avc1`, `hvc1`, ...
    var sampleEntry: FourCC?
    /// What of the pictures is to be seen; nil when the first sample entry does not say.
    var cleanAperture: CleanAperture?
    /// It says so, but what it says makes no sense.
    var hasSenselessAperture = false
    /// Samples that the table claims to have.
    var sampleCount: UInt32 = 0

    init() {}

    /// Throws `unreadable`, `deadlineExceeded`; whatever is missing stays as it is.
    init(_ input: FileInput, _ track: Box) throws(MediaError) {
        for box in try BoxReader(input, in: track).all() {
            if box.type == "tkhd" { id = try Self.trackID(input, box) }
            if box.type == "edts" { edits = try Self.edits(input, box) }
            if box.type == "udta" { name = try Self.name(input, box) }
            guard box.type == "mdia" else { continue }
            for box in try BoxReader(input, in: box).all() {
                switch box.type {
                case "mdhd": headerDuration = try Self.duration(input, box)
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
        for table in try BoxReader(input, in: information).all() {
            if table.type == "dinf" { isExternal = try Self.hasExternalReference(input, table) }
            guard table.type == "stbl" else { continue }
            for box in try BoxReader(input, in: table).all() {
                switch box.type {
                case "stsd":
                    isEncrypted = try Self.hasProtectedEntry(input, box)
                    sampleEntry = try BoxReader(input, from: box.payload + 8, to: box.end).all(most: 1).first?.type
                    if handler == "vide" { try readAperture(input, box) }
                case "stsz":
                    let bytes = try input.bytes(at: box.payload, count: 12)
                    sampleCount = bytes.bigEndian(UInt32.self, at: 8) ?? 0
                case "stts": lastSampleDuration = try Self.lastDuration(input, box)
                default: break
                }
            }
        }
    }

    private static func name(_ input: FileInput, _ data: Box) throws(MediaError) -> String? {
        guard let box = try BoxReader(input, in: data).all(most: 100).first(where: { $0.type == "name" }) else {
            return nil
        }
        let bytes = try input.bytes(at: box.payload, count: Int(min(box.end - box.payload, 1000)))
        let text = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        return text.isEmpty ? nil : text
    }

    private static func edits(_ input: FileInput, _ box: Box) throws(MediaError) -> EditList? {
        guard let list = try BoxReader(input, in: box).all().first(where: { $0.type == "elst" }) else { return nil }
        let edits = try EditList(input, list)
        return edits.entries.isEmpty ? nil : edits
    }

    /// ISO/IEC 14496-12, section 8.6.1.2: pairs of a count and a duration.
    private static func lastDuration(_ input: FileInput, _ box: Box) throws(MediaError) -> UInt32? {
        let header = try input.bytes(at: box.payload, count: 8)
        guard let count = header.bigEndian(UInt32.self, at: 4), count > 0 else { return nil }
        let last = box.payload + 8 + Int64(count - 1) * 8
        guard last + 8 <= box.end else { return nil }
        return try input.bytes(at: last, count: 8).bigEndian(UInt32.self, at: 4)
    }

    /// ISO/IEC 14496-12, section 8.12: a protected entry is named `encv` or `enca` and holds a `sinf` box.
    private static func hasProtectedEntry(_ input: FileInput, _ description: Box) throws(MediaError) -> Bool {
        let entries = BoxReader(input, from: description.payload + 8, to: description.end)
        return try entries.all(most: 64).contains { ["encv", "enca", "drmi", "drms"].contains($0.type) }
    }

    /// The boxes of a visual sample entry follow 78 bytes of its own (ISO/IEC 14496-12, section 12.1.3).
    ///
    /// The demuxer does not get to see them: FFmpeg 7.1 refuses a file for one that makes no sense.
    private mutating func readAperture(_ input: FileInput, _ description: Box) throws(MediaError) {
        let entries = try BoxReader(input, from: description.payload + 8, to: description.end).all(most: 64)
        let apertures = try entries.map { (entry) throws(MediaError) in
            try BoxReader(input, from: entry.payload + 78, to: entry.end).all(most: 64).filter { $0.type == "clap" }
        }
        for box in apertures.joined() { input.hide(box) }
        guard let box = apertures.first?.first else { return }
        cleanAperture = CleanAperture(try input.bytes(at: box.payload, count: 32))
        hasSenselessAperture = cleanAperture == nil
    }

    /// ISO/IEC 14496-12, section 8.7.2: an entry of `dref` whose flags do not say that the media is in the same file,
    /// and which names another one.
    private static func hasExternalReference(_ input: FileInput, _ information: Box) throws(MediaError) -> Bool {
        for box in try BoxReader(input, in: information).all() where box.type == "dref" {
            for entry in try BoxReader(input, from: box.payload + 8, to: box.end).all(most: 64) {
                let flags = try input.bytes(at: entry.payload, count: 4).bigEndian(UInt32.self, at: 0)
                if let flags, flags & 1 == 0, entry.end > entry.payload + 5 { return true }
            }
        }
        return false
    }

    private static func trackID(_ input: FileInput, _ header: Box) throws(MediaError) -> Int64? {
        let bytes = try input.bytes(at: header.payload, count: 24)
        let offset = bytes.first == 1 ? 20 : 12
        return bytes.bigEndian(UInt32.self, at: offset).map { Int64($0) }
    }

    private static func duration(_ input: FileInput, _ header: Box) throws(MediaError) -> UInt64 {
        let bytes = try input.bytes(at: header.payload, count: 32)
        if bytes.first == 1 { return bytes.bigEndian(UInt64.self, at: 24) ?? 0 }
        return UInt64(bytes.bigEndian(UInt32.self, at: 16) ?? 0)
    }
}
