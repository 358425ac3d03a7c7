import ClipModel
import FoundationEssentials
import Support
import SystemIO

/// `plan.json`: what a run that is spread over shards consists of, frozen when it was made.
///
/// It is JSON, with a line for each clip, so that a shard reads its own lines only and a hundred thousand clips take no
/// memory; the last line has a digest of all before it, so that nobody changes it unnoticed.
public struct PlanFile: Sendable {
    static let currentFormat = "clipship-plan/1"
    /// More would be more than any scheduler takes as one array.
    public static let mostShards = 10_000

    /// Absolute.
    public let path: String
    public let head: Head
    /// Of all of it: tells it from any other plan.
    let digest: String

    /// What holds for all clips.
    public struct Head: Codable, Hashable, Sendable {
        var format = PlanFile.currentFormat
        /// Of the clipship that made it; no other works it off.
        var version = Version.current
        /// The pipeline file, relative to the plan's folder.
        public var pipeline: String
        /// A digest of the pipeline's and its sessions' options.
        var options: String
        /// A session file or sidecar with a mistake fails its own clips only.
        var keepGoing: Bool
        /// How many there are; they are numbered from 1.
        public var shards: Int
        /// How many there are.
        var clips: Int
        /// The files of many sessions; nil where there is one.
        var sessions: [NamedSession]?
        /// What was looked for and not found, relative to the plan's folder; nil for nothing.
        var missing: [BatchReport.Missing]?
        /// That is no success.
        var missingFails: Bool
        /// Some of it may be there later.
        var missingIsTemporary: Bool
    }

    /// Where a session file is, relative to the plan's folder.
    struct NamedSession: Codable, Hashable, Sendable {
        var name: String
        var file: String
    }

    /// One clip.
    struct Entry: Codable, Hashable, Sendable {
        var shard: Int
        var clip: String
        /// The MP4, relative to the plan's folder.
        var file: String
        /// Bytes, and when it was last modified; nil for what could not be looked at.
        var size: Int64?
        var modified: String?
        /// A digest of everything else that its manifest depends on; nil where there is a mistake.
        var options: String?
    }
}

// MARK: - Writing

extension PlanFile {
    /// Where the plan of an output folder is.
    public static func path(in output: OutputFolder) -> String { "\(output.path)/plan.json" }

    /// Writes the plan of an output folder, or finds that the same plan is there already.
    ///
    /// - Throws: `PlanFileError.another` where another plan is there.
    static func write(_ head: Head, _ entries: some Collection<Entry>, in output: OutputFolder) throws -> PlanFile {
        let path = path(in: output)
        var text = try document(head, entries)
        let digest = try SHA256Hasher.digest(of: text.span.bytes)
        text += Array("\"digest\":\"\(digest)\"}\n".utf8)
        try Folder.make(output.path)
        guard try DurableFile.writeNew(text.span.bytes, to: path) || isThere(text, at: path) else {
            throw PlanFileError.another(path: path)
        }
        return PlanFile(path: path, head: head, digest: digest.description)
    }

    private static func isThere(_ text: [UInt8], at path: String) throws(FileError) -> Bool {
        let file = try OpenFile(path)
        guard try file.identity().size == Int64(text.count) else { return false }
        return try file.bytes(in: 0..<Int64(text.count)) == text
    }

    private static func document(_ head: Head, _ entries: some Collection<Entry>) throws -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(1_000 + entries.count * 300)
        // Without the brace that ends it.
        text += try CanonicalJSON.line(head).dropLast()
        text += Array(",\n\"list\":[\n".utf8)
        for (index, entry) in entries.enumerated() {
            text += Array("{\"shard\":\(entry.shard),\"clip\":".utf8)
            append(entry.clip, to: &text)
            text += Array(",\"file\":".utf8)
            append(entry.file, to: &text)
            if let size = entry.size { text += Array(",\"size\":\(size)".utf8) }
            for (name, value) in [("modified", entry.modified), ("options", entry.options)] {
                guard let value else { continue }
                text += Array(",\"\(name)\":".utf8)
                append(value, to: &text)
            }
            text += Array(index == entries.count - 1 ? "}\n".utf8 : "},\n".utf8)
        }
        text += Array("],\n".utf8)
        return text
    }

    /// Most texts need no escaping, and there may be many thousands.
    private static func append(_ text: String, to bytes: inout [UInt8]) {
        let quote = UInt8(ascii: "\"")
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F && $0 != quote && $0 != UInt8(ascii: "\\") }) {
            bytes.append(quote)
            bytes.append(contentsOf: text.utf8)
            bytes.append(quote)
        } else {
            // Any text can be written as JSON.
            bytes.append(contentsOf: (try? CanonicalJSON.line(text)) ?? Data("\"\"".utf8))
        }
    }
}

// MARK: - Reading

extension PlanFile {
    /// Reads all of a plan, and checks it; the clips of one shard, or of all, are handed on in the order of their names.
    ///
    /// - Parameter shard: Nil for all.
    static func read(_ path: String, shard: Int? = nil, _ body: (Entry) throws -> Void) throws -> PlanFile {
        let path = Path.absolute(path)
        let lines = LineReader(try OpenFile(path))
        var hasher = try SHA256Hasher()
        let first = try lines.next() ?? []
        guard first.last == UInt8(ascii: ",") else {
            throw PlanFileError.malformed(path: path, line: 1, "it does not begin as a plan does")
        }
        let head = try Self.head(first.dropLast() + [UInt8(ascii: "}")], path: path)
        try hasher.update(first.span.bytes)
        let newline: [UInt8] = [UInt8(ascii: "\n")]
        try hasher.update(newline.span.bytes)
        var (number, count) = (1, 0)
        let mine = shard.map { Array("{\"shard\":\($0),".utf8) } ?? Array("{\"shard\":".utf8)
        let any = Array("{\"shard\":".utf8)
        let end = Array("\"digest\":\"".utf8)
        while let line = try lines.next() {
            number += 1
            if line.starts(with: end) {
                let digest = try hasher.finish()
                guard line == Array("\"digest\":\"\(digest)\"}".utf8), try lines.next() == nil else {
                    throw PlanFileError.malformed(
                        path: path, line: number, "it is not as it was written, and a plan never changes")
                }
                guard count == head.clips else {
                    throw PlanFileError.malformed(path: path, line: number, "\(count) clips, expected \(head.clips)")
                }
                return PlanFile(path: path, head: head, digest: digest.description)
            }
            try hasher.update(line.span.bytes)
            try hasher.update(newline.span.bytes)
            guard line.starts(with: any) else { continue }
            count += 1
            guard line.starts(with: mine) else { continue }
            do {
                let text = line.last == UInt8(ascii: ",") ? Data(line.dropLast()) : Data(line)
                try body(try StrictJSON.decode(Entry.self, from: text))
            } catch let error as StrictJSON.Failure {
                throw PlanFileError.malformed(path: path, line: number, error.reason)
            }
        }
        throw PlanFileError.malformed(path: path, line: number, "it ends before its last line")
    }

    private static func head(_ text: [UInt8], path: String) throws -> Head {
        struct Made: Decodable { var format, version: String }
        do {
            let made = try StrictJSON.decode(Made.self, from: Data(text))
            guard made.format == currentFormat else { throw PlanFileError.otherFormat(path: path, made.format) }
            guard made.version == Version.current else { throw PlanFileError.otherVersion(path: path, made.version) }
            let head = try StrictJSON.decode(Head.self, from: Data(text))
            guard (1...mostShards).contains(head.shards), head.clips >= 0 else {
                throw PlanFileError.malformed(path: path, line: 1, "\(head.shards) shards, \(head.clips) clips")
            }
            return head
        } catch let error as StrictJSON.Failure {
            throw PlanFileError.malformed(path: path, line: 1, error.reason)
        }
    }

    /// The plan's folder, which is the output folder of the whole.
    public var output: OutputFolder { OutputFolder(Path.parent(of: path)) }
}

/// Why a plan can't be used.
public enum PlanFileError: Error, Hashable, Sendable, CustomStringConvertible {
    case malformed(path: String, line: Int, String)
    case otherFormat(path: String, String)
    case otherVersion(path: String, String)
    /// Shards can't submit, and why.
    case notInShards(String)
    case noShard(path: String, Int, of: Int)
    /// There is one that was made of something else.
    case another(path: String)
    /// The pipeline, a session or what they depend on is not what the plan was made of.
    case changed(path: String, String)

    public var description: String {
        switch self {
        case .malformed(let path, let line, let reason):
            "\(Path.shown(path)):\(line): no plan of clipship: \(reason); make a new one with clipship plan"
        case .otherFormat(let path, let format):
            "\(Path.shown(path)) is a \"\(format)\", not a \"\(PlanFile.currentFormat)\""
        case .otherVersion(let path, let version):
            "\(Path.shown(path)) was made by clipship \(version), and this is \(Version.current); work it off with that one, "
                + "or plan into another folder"
        case .notInShards(let reason):
            "the shards of this pipeline can't submit: \(reason); submit when they are merged, with clipship run"
        case .noShard(let path, let number, let count):
            "there is no shard \(number) in \(Path.shown(path)): they are 1 to \(count)"
        case .another(let path):
            "\(Path.shown(path)) is another plan, and a plan never changes; plan into another folder"
        case .changed(let path, let what):
            "\(what) since \(Path.shown(path)) was made, and a plan never changes; undo that, or plan into another folder"
        }
    }
}

/// The lines of a file, a piece at a time.
private final class LineReader {
    private let file: OpenFile
    private var offset: Int64 = 0
    private var buffer: [UInt8] = []
    private var start = 0
    private var isAtEnd = false

    private static let piece: Int64 = 1 << 20
    /// More than any path and name take.
    private static let longest = 64 << 20

    init(_ file: OpenFile) {
        self.file = file
    }

    /// Without its line feed; nil at the end.
    func next() throws(FileError) -> [UInt8]? {
        var searched = start
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { start = end + 1 }
                return Array(buffer[start..<end])
            }
            guard !isAtEnd, buffer.count - start < Self.longest else {
                guard start < buffer.count else { return nil }
                defer { start = buffer.count }
                return Array(buffer[start...])
            }
            buffer.removeSubrange(..<start)
            searched = buffer.count
            start = 0
            let more = try file.bytes(in: offset..<offset + Self.piece)
            offset += Int64(more.count)
            isAtEnd = more.isEmpty
            buffer += more
        }
    }
}
