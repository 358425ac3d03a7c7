import ClipModel
import SystemIO

/// An input clip: where it is and what it is called in the output folder.
struct ClipFile: Hashable, Sendable {
    /// Its name in the output folder: the path below the input folder without extension, made safe, unique in a batch.
    /// Where there are many sessions, the session's name and `/` stand before it.
    var name: String
    /// Absolute.
    var path: String
    /// Beside the MP4: `<clip>.yaml` or `<clip>.json`.
    var sidecar: String?

    /// The name among the clips of its session: what its manifest calls it.
    var nameInSession: String { OutputFolder.nameInSession(name) }
}

extension ClipFile {
    /// Names the files at `found` (path and the folder that the search started from) and sorts them by name. Names do not
    /// depend on where `root`, the pipeline's folder, is.
    ///
    /// - Parameter known: The names that files were given before, by their paths. Such a file keeps its name, whatever other
    ///   files come or go, for its name is part of what the service knows it by.
    static func named(
        _ found: [(path: String, base: String)], root: String, known: [String: String] = [:]
    ) throws(DigestError) -> [ClipFile] {
        var names: [String] = []
        for file in found { names.append(try safeName(of: Path.relative(file.path, to: file.base))) }
        let counts = Dictionary(names.map { ($0, 1) }, uniquingKeysWith: +)
        // A name that only one file may have is taken by the one that has it already.
        let taken = Dictionary(
            zip(found, names).filter { known[$0.path] == $1 }.map { ($1, $0.path) },
            uniquingKeysWith: { first, _ in first })
        var clips: [ClipFile] = []
        for (file, name) in zip(found, names) {
            let isAlone = taken[name].map { $0 == file.path } ?? (counts[name, default: 0] == 1)
            let before = known[file.path]
            var clip = ClipFile(name: name, path: file.path)
            if !isAlone || (before != nil && before != name) {
                let long = "\(name)~\(try fingerprint(of: Path.relative(file.path, to: root)))"
                if !isAlone || before == long { clip.name = long }
            }
            clips.append(clip)
        }
        return clips.sorted { $0.name.comesBefore($1.name) }
    }

    /// The path without extension; what may trouble a file system, a shell or a URL becomes `_`, a folder's end `-`.
    static func safeName(of path: String) throws(DigestError) -> String {
        let stem = Path.withoutExtension(path)
        // Most names are safe already, and there may be many thousands.
        if (1...200).contains(stem.utf8.count), stem.utf8.first != UInt8(ascii: "."), stem.utf8.allSatisfy(isPlain) {
            let (slash, dash) = (UInt8(ascii: "/"), UInt8(ascii: "-"))
            return String(decoding: stem.utf8.map { $0 == slash ? dash : $0 }, as: UTF8.self)
        }
        let name = stem.map { character -> Character in
            switch character {
            case "/": "-"
            case "-", "_", ".", "(", ")", "+": character
            default: character.isLetter || character.isNumber ? character : "_"
            }
        }
        let text = String(name).drop { $0 == "." }
        // The file system allows 255 bytes, of which the longest ending and the fingerprint take some.
        let short = text.utf8.count > 200 ? "\(start(of: text))~\(try fingerprint(of: path))" : String(text)
        return short.isEmpty ? "_" : short
    }

    /// At most 60 characters and 190 bytes.
    private static func start(of text: Substring) -> Substring {
        var start = text.prefix(60)
        while start.utf8.count > 190 { start.removeLast() }
        return start
    }

    /// A letter, a digit, or one of `-./_`.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "-")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// Eight hexadecimal digits that tell apart what has the same name.
    static func fingerprint(of path: String) throws(DigestError) -> String {
        String(try SHA256Hasher.digest(of: Array(path.utf8).span.bytes).description.prefix(8))
    }
}
