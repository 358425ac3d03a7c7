import ClipModel

/// A look at the boxes of a file before FFmpeg sees it: enough to say what kind of file it is and why it can't be used.
struct BoxScan {
    /// `ftyp`'s major brand; nil for old QuickTime files, which have none.
    private(set) var majorBrand: FourCC?
    private(set) var tracks: [TrackScan] = []
    /// Samples are, or may be, described by `moof` boxes.
    private(set) var isFragmented = false
    /// Units a second of the movie's times, from `mvhd`; at least 1.
    private(set) var movieTimescale: Int64 = 1000
    /// Where the media data is, in ascending order; the last one may claim to go on behind the end of the file.
    private(set) var mediaData: [Range<Int64>] = []
    /// The file ends before its media data does.
    private(set) var isMediaDataCut = false
    private(set) var warnings: [String] = []

    private var hasMovie = false
    private var wholeFragments = 0
    /// The first box that runs past the end of the file.
    private var cutBox: FourCC?

    /// Throws `notMP4`, `movieHeaderMissing`, `truncated`, `damaged`, `encrypted`, `noVideo`, and as `FileInput` does.
    init(_ input: FileInput) throws(MediaError) {
        try Self.checkStart(input)
        var reader = BoxReader(input, from: 0, to: input.size)
        var isMalformed = false
        scan: while true {
            switch try reader.next() {
            case .end: break scan
            case .malformed:
                isMalformed = true
                break scan
            case .box(let box): try note(box, input)
            }
        }
        try judge(isMalformed: isMalformed)
    }

    private mutating func note(_ box: Box, _ input: FileInput) throws(MediaError) {
        let isCut = box.end > input.size
        if isCut { cutBox = box.type }
        switch box.type {
        case "ftyp" where majorBrand == nil:
            majorBrand = try input.bytes(at: box.payload, count: 4).bigEndian(UInt32.self, at: 0).map { FourCC($0) }
        case "moov" where isCut:
            throw MediaError(.truncated, "The file ends within its movie header (moov): it is truncated.")
        case "moov" where !hasMovie:
            hasMovie = true
            for child in try BoxReader(input, in: box).all() {
                if child.type == "trak" { tracks.append(try TrackScan(input, child)) }
                if child.type == "mvex" { isFragmented = true }
                if child.type == "mvhd" { movieTimescale = try Self.timescale(input, child) ?? movieTimescale }
            }
        case "moof":
            isFragmented = true
            if !isCut { wholeFragments += 1 }
        case "mdat" where box.end > box.payload: mediaData.append(box.payload..<box.end)
        default: break
        }
    }

    private mutating func judge(isMalformed: Bool) throws(MediaError) {
        guard hasMovie else {
            if let brand = majorBrand, Self.stillImageBrands.contains(brand) {
                throw MediaError(.notMP4, "It is a still image, not an MP4 recording.")
            }
            if isMalformed { throw Self.malformed }
            if isFragmented {
                throw MediaError(
                    .movieHeaderMissing, "It is a segment of a stream; its header is in another file.")
            }
            throw MediaError(
                .movieHeaderMissing,
                "The movie header (moov) is missing: the recording was cut off before it was finished.")
        }
        if isMalformed { warnings.append("The boxes after the movie header are malformed and were not read.") }
        if let cutBox, cutBox == "mdat" || cutBox == "moof" {
            guard cutBox == "mdat" || wholeFragments > 0 else { throw Self.truncated }
            if cutBox == "mdat" { isMediaDataCut = true } else { warnings.append(Self.lastFragmentIsCut) }
        } else if let cutBox {
            warnings.append("The file ends within a box (\(cutBox.text ?? "unnamed")).")
        }
        try judgeTracks()
    }

    /// Says whether a file whose media data is cut is usable: the samples may all be there.
    ///
    /// Throws `truncated` when some of the video's are not.
    func judgeCut(missingSamples: Int) throws(MediaError) -> String? {
        guard isMediaDataCut else { return nil }
        if missingSamples == 0 {
            return "The file ends before its media data (mdat) does; all frames of the video are there."
        }
        guard isFragmented, wholeFragments > 1 else { throw Self.truncated }
        return Self.lastFragmentIsCut
    }

    private static let lastFragmentIsCut = "The file ends within its last fragment, which is missing in part."

    private static let truncated = MediaError(
        .truncated, "The file ends before its media data does: it is truncated.")

    private static func timescale(_ input: FileInput, _ header: Box) throws(MediaError) -> Int64? {
        let bytes = try input.bytes(at: header.payload, count: 24)
        let scale = bytes.bigEndian(UInt32.self, at: bytes.first == 1 ? 20 : 12)
        return scale.flatMap { $0 > 0 ? Int64($0) : nil }
    }

    private func judgeTracks() throws(MediaError) {
        let video = tracks.filter { $0.handler == "vide" }
        if !tracks.isEmpty, video.isEmpty {
            throw MediaError(.noVideo, "There is no video track in the file.")
        }
        if !video.isEmpty, video.allSatisfy({ $0.isEncrypted }) {
            throw MediaError(.encrypted, "The video is encrypted, and there is no key for it.")
        }
        if video.contains(where: \.isExternal) {
            throw MediaError(.externalMedia, "The video's frames are in another file, which is not opened.")
        }
        if video.contains(where: { $0.sampleCount > Self.mostSamples }) {
            throw MediaError(.damaged, "The sample table of the video track claims more frames than can be true.")
        }
    }

    /// Ten days at 60 frames a second; the table in memory has 24 bytes for each.
    private static let mostSamples: UInt32 = 20_000_000

    private static let malformed = MediaError(
        .damaged, "The box structure of the file is broken before its movie header (moov).")

    private static let stillImageBrands: Set<FourCC> = ["heic", "heix", "mif1", "avif", "avis", "msf1"]

    /// Boxes that a file of the family starts with.
    private static let firstBoxes: Set<FourCC> = [
        "ftyp", "styp", "moov", "mdat", "moof", "free", "skip", "wide", "pnot", "sidx", "uuid", "pdin", "junk",
    ]

    private static func checkStart(_ input: FileInput) throws(MediaError) {
        let bytes = try input.bytes(at: 0, count: 8)
        guard let type = bytes.bigEndian(UInt32.self, at: 4), firstBoxes.contains(FourCC(type)) else {
            throw MediaError(.notMP4, "It is not an MP4 file: it does not start with a box of that format.")
        }
    }
}

extension BoxScan {
    /// The container's short name: `mp4`, `mov`, `3gp`, `3g2`, `m4v`.
    var containerName: String {
        guard let brand = majorBrand?.text else { return "mov" }
        if brand == "qt  " { return "mov" }
        if brand.hasPrefix("3gp") || brand.hasPrefix("3gr") { return "3gp" }
        if brand.hasPrefix("3g2") { return "3g2" }
        return brand.hasPrefix("M4V") ? "m4v" : "mp4"
    }

    /// The track that is this stream.
    func track(id: Int64) -> TrackScan? {
        tracks.first { $0.id == id }
    }
}
