import Foundation
import Testing

/// The bytes of an MP4, to be changed box by box. Boxes that grow or shrink must lie behind the media data, or the file
/// must be one whose places count from its fragments.
struct MovieBytes {
    private(set) var bytes: [UInt8]

    init(_ file: URL) throws { bytes = [UInt8](try Data(contentsOf: file)) }

    func write(to file: URL) throws { try Data(bytes).write(to: file) }

    struct Box {
        var name: String
        /// Header and payload.
        var range: Range<Int>
        var payload: Range<Int> { (range.lowerBound + 8)..<range.upperBound }
    }

    /// The boxes in a range, headers of eight bytes each.
    func boxes(in range: Range<Int>? = nil) -> [Box] {
        var found: [Box] = []
        let range = range ?? 0..<bytes.count
        var offset = range.lowerBound
        while offset + 8 <= range.upperBound {
            let size = Int(number(at: offset))
            guard size >= 8, offset + size <= range.upperBound else { break }
            let name = String(decoding: bytes[(offset + 4)..<(offset + 8)], as: UTF8.self)
            found.append(Box(name: name, range: offset..<(offset + size)))
            offset += size
        }
        return found
    }

    /// All boxes at a path such as `moov/trak/tkhd`.
    func all(_ path: String, in range: Range<Int>? = nil) -> [Box] {
        let parts = path.split(separator: "/", maxSplits: 1).map(String.init)
        let here = boxes(in: range).filter { $0.name == parts[0] }
        return parts.count == 1 ? here : here.flatMap { all(parts[1], in: $0.payload) }
    }

    func first(_ path: String) throws -> Box { try #require(all(path).first, "there is no \(path)") }

    /// The big-endian number of 32 bits.
    func number(at offset: Int) -> UInt32 { bytes[offset..<(offset + 4)].reduce(0) { $0 << 8 | UInt32($1) } }

    mutating func set(_ value: UInt32, at offset: Int) { set(Self.big(value), at: offset) }

    mutating func set(_ new: [UInt8], at offset: Int) {
        bytes.replaceSubrange(offset..<(offset + new.count), with: new)
    }

    /// Gives the first box at a path another payload.
    mutating func replace(_ path: String, payload: [UInt8]) throws {
        let box = try first(path)
        bytes.replaceSubrange(box.payload, with: payload)
        grow(path, by: payload.count - box.payload.count)
    }

    /// Puts a box at the end of the first box at a path.
    mutating func append(_ name: String, payload: [UInt8], to path: String) throws {
        let box = Self.big(UInt32(payload.count + 8)) + Array(name.utf8) + payload
        bytes.insert(contentsOf: box, at: try first(path).range.upperBound)
        grow(path, by: box.count)
    }

    private mutating func grow(_ path: String, by count: Int) {
        let parts = path.split(separator: "/")
        var range: Range<Int>?
        for part in parts {
            guard let box = firstHeader(String(part), in: range) else { return }
            set(UInt32(Int(number(at: box)) + count), at: box)
            range = (box + 8)..<(box + Int(number(at: box)))
        }
    }

    private func firstHeader(_ name: String, in range: Range<Int>?) -> Int? {
        var offset = range?.lowerBound ?? 0
        let end = range?.upperBound ?? bytes.count
        while offset + 8 <= end {
            if bytes[(offset + 4)..<(offset + 8)].elementsEqual(name.utf8) { return offset }
            offset += max(8, Int(number(at: offset)))
        }
        return nil
    }

    mutating func rename(_ path: String, to name: String) throws {
        let box = try first(path)
        set(Array(name.utf8), at: box.range.lowerBound + 4)
    }

    /// Renames every box of a name, wherever it is.
    mutating func renameEvery(_ name: String, to other: String) {
        let (old, new) = (Array(name.utf8), Array(other.utf8))
        for offset in 0..<max(0, bytes.count - 4) where bytes[offset..<(offset + 4)].elementsEqual(old) {
            set(new, at: offset)
        }
    }

    /// Moves or drops the boxes of the outermost level.
    mutating func arrange(_ change: ([Box]) -> [Box]) {
        bytes = change(boxes()).flatMap { Array(bytes[$0.range]) }
    }

    /// One entry of an edit list.
    struct Edit: Sendable {
        /// In units of the movie's time scale, which is 1000 for `ffmpeg`.
        var duration: UInt32
        /// In units of the track's time scale; -1 shows nothing.
        var start: Int32
        /// 16.16.
        var rate: UInt32 = 0x10000
    }

    /// Gives the first track this edit list in the place of what it has, or where it has none.
    mutating func setEdits(_ edits: [Edit]) throws {
        let payload =
            [0, 0, 0, 0] + Self.big(UInt32(edits.count))
            + edits.flatMap { Self.big($0.duration) + Self.big(UInt32(bitPattern: $0.start)) + Self.big($0.rate) }
        if all("moov/trak/edts/elst").isEmpty {
            let list = Self.big(UInt32(payload.count + 8)) + Array("elst".utf8) + payload
            try append("edts", payload: list, to: "moov/trak")
        } else {
            try replace("moov/trak/edts/elst", payload: payload)
        }
    }

    static func big(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }
}
