import BatchPage
public import ClipModel
import FoundationEssentials
import Support
public import SystemIO

/// `batch.json` of an output folder and what it leads to, wherever it was made.
public struct BatchContents: Sendable {
    public let report: BatchReport
    /// Of `batch.json`.
    let digest: SHA256Digest?
    let output: OutputFolder

    /// Reads `batch.json`.
    public init(in output: OutputFolder) throws(BatchError) {
        let path = output.report
        let text: Data
        do throws(FileError) {
            text = Data(try OpenFile(path).contents(atMost: BatchReport.largestFile))
        } catch {
            throw .file(error)
        }
        do throws(StrictJSON.Failure) {
            report = try StrictJSON.decode(
                BatchReport.self, from: text, format: BatchReport.currentFormat, most: .max)
        } catch {
            if case .format(let other) = error { throw .otherFormat(path: path, other) }
            throw .malformed(path: path, error.description)
        }
        // Without it the page does not say what it is of, and is made again by the next run.
        digest = try? SHA256Hasher.digest(of: text.bytes)
        self.output = output
    }

    /// Writes `batch.json`: clip by clip, for there may be very many.
    static func write(_ report: BatchReport, in output: OutputFolder) throws -> BatchContents {
        var frame = report
        frame.clips = []
        // Without a digest the page does not say what it is of, as above.
        var hasher = try? SHA256Hasher()
        try DurableFile.compose(output.report) { file in
            try CanonicalJSON.document(frame, filling: "clips", with: report.clips) { piece in
                try file.append(piece.bytes)
                do { try hasher?.update(piece.bytes) } catch { hasher = nil }
            }
        }
        // As above.
        return BatchContents(report: report, digest: try? hasher?.finish(), output: output)
    }

    private init(report: BatchReport, digest: SHA256Digest?, output: OutputFolder) {
        self.report = report
        self.digest = digest
        self.output = output
    }

    /// The clips that the last run left where they should not be, with the reason; none where there is no `batch.json`.
    /// There may be hundreds of thousands of others, so only these are kept.
    public static func unfinished(in output: OutputFolder) throws(BatchError) -> [BatchReport.Entry] {
        let path = output.report
        let text: Data
        do throws(FileError) {
            text = Data(try OpenFile(path).contents(atMost: BatchReport.largestFile))
        } catch {
            guard error.isNotFound else { throw .file(error) }
            return []
        }
        do {
            return try JSONDecoder().decode(Unfinished.self, from: text).clips
        } catch {
            // A strict reading says where it is wrong.
            _ = try BatchContents(in: output)
            throw .malformed(path: path, "\(error)")
        }
    }

    private struct Unfinished: Decodable {
        var clips: [BatchReport.Entry] = []

        private enum CodingKeys: String, CodingKey { case clips }

        init(from decoder: any Decoder) throws {
            var all = try decoder.container(keyedBy: CodingKeys.self).nestedUnkeyedContainer(forKey: .clips)
            while !all.isAtEnd {
                let entry = try all.decode(BatchReport.Entry.self)
                if entry.reason != nil { clips.append(entry) }
            }
        }
    }

    /// The clip with its manifest and its picture, read from the disk.
    ///
    /// - Parameter folder: Where the page will be; nil for a picture in the page itself.
    func clip(_ entry: BatchReport.Entry, picturesLinkedFrom folder: String?) -> BatchPage.Clip {
        guard let path = entry.manifest.map({ Path.resolve($0, below: output.path) }) else {
            return BatchPage.Clip(entry, manifest: nil, problem: nil, picture: nil)
        }
        let manifest: Manifest
        do {
            manifest = try ManifestFile.read(path)
        } catch {
            let problem =
                switch error {
                case .file(let error):
                    error.isNotFound
                        ? "Its manifest, \(entry.manifest ?? path), is not there." : "Its manifest can't be read."
                case .unchecked: "Its manifest can't be checked."
                case .otherFormat(_, let format): "Its manifest is a \"\(format)\", which this clipship can't read."
                case .malformed(_, let reason): "Its manifest can't be read: \(reason)"
                }
            return BatchPage.Clip(entry, manifest: nil, problem: problem, picture: nil)
        }
        let picture = picture(of: manifest, at: path, linkedFrom: folder)
        return BatchPage.Clip(
            entry, manifest: manifest, problem: picture == nil ? "Its thumbnail is not there, or is another." : nil,
            picture: picture)
    }

    /// Nil where the file is not the one that the manifest describes: whatever else a foreign manifest names has no
    /// place in a page.
    private func picture(of manifest: Manifest, at path: String, linkedFrom folder: String?) -> BatchPage.Picture? {
        let large = manifest.thumbnails.large
        let file = Path.resolve(large.path, below: Path.parent(of: path))
        // Why it can't be read makes no difference.
        guard let open = try? OpenFile(file), let size = try? open.identity().size, size == large.size,
            size <= Self.largestPicture
        else { return nil }
        if let folder { return .linked(Path.relative(file, to: folder)) }
        // As above; without a digest nobody knows whether it is the picture.
        guard let bytes = try? open.bytes(in: 0..<size), bytes.starts(with: [0xFF, 0xD8, 0xFF]),
            (try? SHA256Hasher.digest(of: bytes.span.bytes)) == large.sha256
        else { return nil }
        return .inline(Data(bytes))
    }

    /// Bytes; thumbnails of 856 x 424 have a tenth of it.
    private static let largestPicture: Int64 = 2_000_000
}

/// Why a `batch.json` can't be used.
public enum BatchError: Error, Sendable, CustomStringConvertible {
    case file(FileError)
    case otherFormat(path: String, String)
    case malformed(path: String, String)

    public var description: String {
        switch self {
        case .file(let error): error.description
        case .otherFormat(let path, let format):
            "\(Path.shown(path)) is a \"\(format)\", not a \"\(BatchReport.currentFormat)\""
        case .malformed(let path, let reason): "\(Path.shown(path)) is no batch.json: \(reason)"
        }
    }
}
