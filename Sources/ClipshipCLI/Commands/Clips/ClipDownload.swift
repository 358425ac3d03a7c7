import ClipModel
import Glibc
import Support
import SystemIO
import XboxServices

/// One file on its way from the service to the disk.
struct ClipDownload: Sendable {
    /// Where it comes from.
    struct Source: Sendable {
        var uri: String
        /// Bytes, as the service says; nil where it doesn't.
        var size: Int64?
    }

    let client: GameClipsClient
    let source: Source
    let path: String
    /// What tells this file from any other that may have begun to come to the same place.
    let tag: String
    let console: Console

    /// Fetches what is missing and gives the file its name once it is whole.
    func run() async throws -> ByteCount {
        let file = try open()
        // Without a size nobody could say whether what is there is all of it.
        if file.size > source.size ?? 0 { try file.empty() }
        let start = file.size
        if start > 0 { console.info("\(path): going on behind \(ByteCount(start))") }
        if start == 0 || start != source.size {
            do throws(ServiceFailure) {
                try await fetch(into: file, from: start)
            } catch {
                guard case .wrongRange = error.kind else { throw error }
                // It is another file now: what came of the old one is of no use.
                try file.empty()
                throw Failure("\(error); run this again to start over", .temporary)
            }
        }
        guard source.size ?? file.size == file.size else {
            let size = file.size
            try file.empty()
            throw Failure(
                "\(path): \(size) bytes came, the service says that it has \(source.size ?? 0); run this again",
                .temporary)
        }
        let size = ByteCount(file.size)
        try file.publish()
        return size
    }

    private func open() throws -> PartialFile {
        do throws(FileLockError) {
            return try PartialFile(for: path, tag: tag)
        } catch {
            switch error {
            case .held: throw Failure("\(path) is being downloaded by another process", .temporary)
            case .file(let error): throw error
            case .digest(let error): throw Failure("\(error), by which parts of a download are found again", .temporary)
            }
        }
    }

    private func fetch(into file: PartialFile, from start: Int64) async throws(ServiceFailure) {
        let total = source.size.map { ByteCount($0) }
        let name = Path.name(of: path)
        try await console.whileDrawing { terminal in
            let text = "  \(name)  \(ByteCount(file.size))\(total.map { " of \($0)" } ?? "")"
            return [DisplayWidth.shortened(TerminalText.onOneLine(text), to: max(1, terminal.columns - 1))]
        } during: { () async throws(ServiceFailure) in
            // More than the service has announced, or than a clip can have, is none of it.
            let most = source.size ?? Int64(UInt32.max)
            _ = try await client.download(source.uri, from: start) { [path] chunk, offset in
                guard offset + Int64(chunk.count) <= most else {
                    throw FileError(operation: "write", path: path, code: EFBIG)
                }
                try file.write(chunk, at: offset)
            }
        }
    }
}
