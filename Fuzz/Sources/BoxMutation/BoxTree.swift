/// Where the boxes of an MP4 are (ISO/IEC 14496-12, section 4.2), as far as their sizes make sense.
struct BoxTree {
    struct Box {
        var start: Int
        var payload: Int
        var end: Int
        /// Index of the box around it, if any.
        var parent: Int?
    }

    private(set) var boxes: [Box] = []

    init(_ bytes: [UInt8]) {
        collect(bytes, 0..<bytes.count, parent: nil, depth: 0)
    }

    private static let containers: Set<String> = [
        "moov", "trak", "mdia", "minf", "stbl", "edts", "dinf", "moof", "traf", "mvex", "udta", "meta", "sinf", "schi",
        "stsd", "avc1", "hvc1", "hev1", "av01", "vp09", "encv", "mfra", "dref",
    ]

    private mutating func collect(_ bytes: [UInt8], _ range: Range<Int>, parent: Int?, depth: Int) {
        var offset = range.lowerBound
        while range.upperBound - offset >= 8, boxes.count < 2000 {
            var size = bytes.number32(at: offset)
            var header = 8
            if size == 1, range.upperBound - offset >= 16 {
                size = bytes.number32(at: offset + 12)
                header = 16
            } else if size == 0 {
                size = range.upperBound - offset
            }
            guard size >= header, size <= range.upperBound - offset else { return }
            let box = Box(start: offset, payload: offset + header, end: offset + size, parent: parent)
            let index = boxes.count
            boxes.append(box)
            let name = String(decoding: bytes[(offset + 4)..<(offset + 8)], as: UTF8.self)
            if depth < 12, Self.containers.contains(name) {
                let skipped = Self.fieldsBefore(name)
                if box.payload + skipped < box.end {
                    collect(bytes, (box.payload + skipped)..<box.end, parent: index, depth: depth + 1)
                }
            }
            offset += size
        }
    }

    /// Bytes of fields between a container's header and the first box in it.
    private static func fieldsBefore(_ name: String) -> Int {
        switch name {
        case "meta": 4
        case "stsd", "dref": 8
        case "avc1", "hvc1", "hev1", "av01", "vp09", "encv": 78
        default: 0
        }
    }
}

extension [UInt8] {
    func number32(at offset: Int) -> Int {
        self[offset..<(offset + 4)].reduce(0) { $0 << 8 | Int($1) }
    }

    mutating func setNumber32(_ value: Int, at offset: Int) {
        for index in 0..<4 { self[offset + index] = UInt8(truncatingIfNeeded: value >> (24 - 8 * index)) }
    }
}
