/// Changes an MP4 box by box, so that most of what comes out still is one: blind changes of bytes rarely get past the
/// first size that no longer fits.
public struct BoxMutator {
    private var random: Generator

    public init(seed: UInt64) {
        random = Generator(state: seed &* 0x9E37_79B9_7F4A_7C15 | 1)
    }

    /// One to four changes; at most `most` bytes come out. Nil when there is no box to change.
    public mutating func mutate(_ file: [UInt8], most: Int) -> [UInt8]? {
        var bytes = file
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let tree = BoxTree(bytes)
            guard let index = tree.boxes.indices.randomElement(using: &random) else { return nil }
            change(&bytes, tree, index)
            if bytes.count > most { return nil }
        }
        return bytes
    }

    private mutating func change(_ bytes: inout [UInt8], _ tree: BoxTree, _ index: Int) {
        let box = tree.boxes[index]
        switch Int.random(in: 0..<12, using: &random) {
        case 0:
            bytes.removeSubrange(box.start..<box.end)
            grow(&bytes, tree, box.parent, by: box.start - box.end)
        case 1:
            let copy = Array(bytes[box.start..<box.end])
            bytes.insert(contentsOf: copy, at: box.end)
            grow(&bytes, tree, box.parent, by: copy.count)
        case 2: swap(&bytes, tree, index)
        case 3: bytes.setNumber32(strangeNumber(beside: box.end - box.start), at: box.start)
        case 4: shorten(&bytes, tree, index)
        case 5: rename(&bytes, tree, index)
        default: changeField(&bytes, box)
        }
    }

    /// With the box after it in the same container, which leaves all sizes right.
    private mutating func swap(_ bytes: inout [UInt8], _ tree: BoxTree, _ index: Int) {
        let box = tree.boxes[index]
        guard let next = tree.boxes.first(where: { $0.start == box.end && $0.parent == box.parent }) else { return }
        let swapped = bytes[next.start..<next.end] + bytes[box.start..<box.end]
        bytes.replaceSubrange(box.start..<next.end, with: swapped)
    }

    /// Takes bytes from the end of a box, or adds some there, and mends the sizes around it.
    private mutating func shorten(_ bytes: inout [UInt8], _ tree: BoxTree, _ index: Int) {
        let box = tree.boxes[index]
        if Bool.random(using: &random) {
            let count = min(box.end - box.payload, Int.random(in: 1...32, using: &random))
            bytes.removeSubrange((box.end - count)..<box.end)
            grow(&bytes, tree, index, by: -count)
        } else {
            let filler = (0..<Int.random(in: 1...32, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            bytes.insert(contentsOf: filler, at: box.end)
            grow(&bytes, tree, index, by: filler.count)
        }
    }

    /// As another box of the same file, or one that few files have.
    private mutating func rename(_ bytes: inout [UInt8], _ tree: BoxTree, _ index: Int) {
        let start = tree.boxes[index].start
        if Bool.random(using: &random), let other = tree.boxes.randomElement(using: &random) {
            let name = Array(bytes[(other.start + 4)..<(other.start + 8)])
            bytes.replaceSubrange((start + 4)..<(start + 8), with: name)
        } else if let name = Self.names.randomElement(using: &random) {
            bytes.replaceSubrange((start + 4)..<(start + 8), with: name.utf8)
        }
    }

    private static let names = [
        "free", "uuid", "moov", "moof", "cmov", "dcom", "stz2", "co64", "clap", "pasp", "colr", "mdcv", "clli", "dvcC",
        "sgpd", "sbgp", "senc", "saiz", "saio", "sidx", "cslg", "elst", "ctts", "stps", "tfdt", "trex", "tref", "rmra",
    ]

    /// A number in the box's own fields; those at its start more often, which are counts and versions.
    private mutating func changeField(_ bytes: inout [UInt8], _ box: BoxTree.Box) {
        let room = box.end - box.payload
        guard room >= 4 else { return }
        let reach = Bool.random(using: &random) ? min(room, 24) : min(room, 4096)
        let offset =
            box.payload + Int.random(in: 0...(reach - 4), using: &random) / (room >= 8 ? 4 : 1) * (room >= 8 ? 4 : 1)
        bytes.setNumber32(strangeNumber(beside: bytes.number32(at: offset)), at: offset)
    }

    private mutating func strangeNumber(beside value: Int) -> Int {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: 0
        case 1: 1
        case 2: 0x7FFF_FFFF
        case 3: 0xFFFF_FFFF
        case 4: 0x8000_0000
        case 5: value + Int.random(in: -16...16, using: &random)
        case 6: value ^ 1 << Int.random(in: 0..<32, using: &random)
        default: Int(UInt32.random(in: 0...UInt32.max, using: &random))
        }
    }

    /// Adds to the sizes of a box and of all around it.
    private func grow(_ bytes: inout [UInt8], _ tree: BoxTree, _ index: Int?, by count: Int) {
        var next = index
        while let index = next {
            let box = tree.boxes[index]
            let field = box.payload - box.start == 16 ? box.start + 12 : box.start
            if bytes.number32(at: field) > 1 { bytes.setNumber32(bytes.number32(at: field) + count, at: field) }
            next = box.parent
        }
    }
}

/// SplitMix64: the same seed gives the same changes, as libFuzzer wants.
private struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
