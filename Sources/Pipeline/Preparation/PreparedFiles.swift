import ClipModel
import Journal
import SystemIO

/// What was made of a clip and is found again: it is used only if it is what was written.
struct PreparedFiles: Sendable {
    private let clip: String
    private let output: OutputFolder
    /// 0 where blocks are not written as files.
    private let blockCount: Int
    private let sheet: SheetRequest?

    /// - Parameter blockCount: How many blocks the clip has.
    init(of clip: PlannedClip, in output: OutputFolder, blockCount: Int) {
        self.clip = clip.file.name
        self.output = output
        self.blockCount = clip.options.writesBlocks ? blockCount : 0
        sheet = clip.options.sheet
    }

    /// - Parameters:
    ///   - blockCount: How many blocks are written as files.
    ///   - sheet: Nil where none is made.
    init(of clip: String, in output: OutputFolder, blockCount: Int, sheet: SheetRequest?) {
        self.clip = clip
        self.output = output
        self.blockCount = blockCount
        self.sheet = sheet
    }

    /// The files of its pictures, and what goes with a sheet.
    var pictures: [String] {
        let sheets = sheet.map { [output.thumbnail(of: clip, "sheet")] + ($0.isSprite ? [output.track(of: clip)] : []) }
        return ["large", "small"].map { output.thumbnail(of: clip, $0) } + (sheets ?? [])
    }
    private var blocks: [String] { (0..<blockCount).map(BlockFiles(folder: output.blocks(of: clip)).path) }

    /// Inode, size and times of each, in a row; nil if one of them can't be looked at. Costs one `stat` a file.
    func identities() -> String? {
        var all = ""
        for path in [output.manifest(of: clip)] + pictures + blocks {
            // One that can't be looked at is made again, and that tells why it can't be.
            guard let identity = try? FileIdentity(of: path) else { return nil }
            if !all.isEmpty { all += " " }
            all += identity.fingerprint
        }
        return all
    }

    /// All that is known of rows from before the manifest's digest was kept.
    private func isSubmittedAsBefore(_ manifest: Manifest, _ digests: SubmissionDigests?) throws(DigestError) -> Bool {
        guard let digests else { return false }
        do {
            return try manifest.submissionDigests() == digests
        } catch {
            throw error as? DigestError ?? DigestError()
        }
    }

    /// What to keep of files that were just written; nil where that can't be said, and then they are compared again.
    func written(manifest digest: SHA256Digest) -> PreparedRecord.Files? {
        identities().map { PreparedRecord.Files(identities: $0, manifest: digest.description) }
    }

    enum Finding: Sendable {
        /// With what its files are by now, for they may have been copied.
        case asWritten(Manifest, PreparedRecord.Files?)
        /// Which file is not what was written.
        case changed(String)
        /// One of them is not there or can't be read.
        case incomplete
    }

    /// Compares the files with what was kept of them: the manifest always, which is needed, the others where they are not the
    /// same by `identities`. Blocks the calling thread.
    func finding(_ record: PreparedRecord) throws(DigestError) -> Finding {
        let identities = identities()
        // What can't be read is made again, and that tells why it can't be.
        guard let text = try? ManifestFile.bytes(of: output.manifest(of: clip)) else { return .incomplete }
        let digest = try SHA256Hasher.digest(of: text.span.bytes)
        // What is no manifest is not what was written.
        guard let manifest = try? ManifestFile.manifest(in: text, at: output.manifest(of: clip)) else {
            return .changed("manifest")
        }
        let isAsWritten =
            if let files = record.files { files.manifest == digest.description } else {
                try isSubmittedAsBefore(manifest, record.digests)
            }
        guard isAsWritten else { return .changed("manifest") }
        if let files = record.files, files.identities == identities { return .asWritten(manifest, files) }
        let thumbnails = manifest.thumbnails
        var made = [("large thumbnail", thumbnails.large.sha256), ("small thumbnail", thumbnails.small.sha256)]
        if sheet != nil {
            guard let sheet = thumbnails.sheet else { return .incomplete }
            made.append(("sheet", sheet.picture.sha256))
            if let track = sheet.track { made.append(("sheet's track", track.sha256)) }
        }
        made += manifest.blocks.sha256.prefix(blockCount).enumerated().map { ("block \($0)", $1) }
        for (path, (name, expected)) in zip(pictures + blocks, made) {
            // As above.
            guard let bytes = try? OpenFile(path).contents(atMost: ManifestFile.largestSheet) else {
                return .incomplete
            }
            guard try SHA256Hasher.digest(of: bytes.span.bytes) == expected else { return .changed(name) }
        }
        return .asWritten(
            manifest, identities.map { PreparedRecord.Files(identities: $0, manifest: digest.description) })
    }
}
