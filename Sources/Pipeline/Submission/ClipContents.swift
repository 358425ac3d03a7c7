import ClipModel
import FoundationEssentials
import Glibc
import SystemIO
import Transport

/// The bytes of one clip as its manifest describes them; hands out nothing else.
struct ClipContents: Sendable {
    let manifest: Manifest
    /// The clip's name in the output folder.
    let clip: String
    /// The manifest's folder, absolute.
    private let folder: String
    private let path: String
    /// What the MP4 has for as long as it is what the manifest describes.
    private let stamp: String?
    /// Where its files are; nil for anywhere.
    private let bounds: StoredManifest.Bounds?
    private let plan: BlockPlan
    private let reading: BlockingPool

    /// Checks that the manifest's figures fit together.
    ///
    /// - Parameters:
    ///   - clip: Its name in the output folder; nil for the manifest's.
    ///   - stamp: What the file has if nobody has written to it since its digests were computed; nil if that isn't
    ///     known.
    ///   - bounds: Where a manifest from elsewhere may name files.
    init(
        _ manifest: Manifest, named clip: String? = nil, file path: String, stamp: String? = nil, folder: String,
        bounds: StoredManifest.Bounds? = nil, reading: BlockingPool
    ) throws(ClipFailure) {
        self.manifest = manifest
        self.clip = clip ?? manifest.clip
        self.path = path
        self.stamp = stamp
        self.folder = folder
        self.bounds = bounds
        self.reading = reading
        do throws(BlockPlanError) {
            plan = try BlockPlan(fileSize: ByteCount(manifest.file.size), blockSize: ByteCount(manifest.blocks.size))
        } catch {
            throw ClipFailure(.permanent, "its manifest can't be used: \(error)")
        }
        guard plan.count == manifest.blocks.sha256.count, plan.count == manifest.blocks.count else {
            throw ClipFailure(
                .permanent,
                "its manifest can't be used: \(manifest.blocks.sha256.count) digests for \(plan.count) blocks")
        }
        let request = manifest.request
        guard Int64(request.fileSize) == manifest.file.size, request.expectedBlocks.map({ Int($0) }) == plan.count
        else {
            throw ClipFailure(
                .permanent,
                """
                its manifest can't be used: "request" says \(request.fileSize) bytes in \
                \(request.expectedBlocks.map { "\($0)" } ?? "no") blocks, "file" and "blocks" say \
                \(manifest.file.size) in \(plan.count)
                """)
        }
    }

    /// Opens the MP4, whose size must be the manifest's; when it is the clip's turn, for thousands may be waiting.
    func open() throws(ClipFailure) -> OpenFile {
        let (file, size): (OpenFile, Int64)
        do throws(FileError) {
            file = try OpenFile(path, below: bounds?.clip)
            size = try file.identity().size
        } catch {
            throw Self.failure(error)
        }
        guard size == manifest.file.size else {
            throw ClipFailure(
                .permanent,
                """
                the file has \(size) bytes, its manifest says \(manifest.file.size): it changed since the manifest was \
                written
                """)
        }
        return file
    }

    /// A file that is not there any more is a change of the clip; a disk that fails, or too many open files, is none.
    private static func failure(_ error: FileError) -> ClipFailure {
        var failure = ClipFailure(error)
        failure.isOfTheClip = [ENOENT, ENOTDIR, EISDIR, FileError.notRegular, FileError.outside, EACCES, EPERM]
            .contains(error.code)
        return failure
    }

    /// That none can be computed here and now says nothing of the clip.
    private static func digest(_ bytes: RawSpan) throws(ClipFailure) -> SHA256Digest {
        do throws(DigestError) {
            return try SHA256Hasher.digest(of: bytes)
        } catch {
            throw ClipFailure(.temporary, "what it has can't be compared with its manifest: \(error)")
        }
    }

    var blockCount: Int { plan.count }

    /// Bytes of one block; 0 for one that there isn't.
    func size(ofBlock index: Int) -> Int64 { plan.indices.contains(index) ? Int64(plan[index].count) : 0 }

    /// One block of a file that still is what was hashed, to be read while it goes up; nil if that isn't known.
    func stampedBlock(_ index: Int, of file: OpenFile) async -> HTTPBody? {
        guard let stamp else { return nil }
        let range = plan[index]
        let source = await reading.result { () throws(Never) -> StampedFile? in
            guard let source = StampedFile(file, stamp: stamp) else { return nil }
            file.load(range)
            return source
        }.get()
        return source.map { .range($0, range) }
    }

    /// The bytes of one block, read whole and compared with their digest, so that what goes up is what was checked.
    ///
    /// - Parameters:
    ///   - file: What `open` has opened.
    ///   - buffers: For the bytes.
    func block(_ index: Int, of file: OpenFile, in buffers: BufferPool) async throws(ClipFailure) -> Data {
        let (plan, expected) = (plan, manifest.blocks.sha256[index])
        return try await reading.run { () throws(ClipFailure) in
            let bytes: Data
            do throws(FileError) { bytes = try buffers.bytes(of: file, in: plan[index]) } catch {
                throw Self.failure(error)
            }
            guard bytes.count == plan[index].count, case let found = try Self.digest(bytes.bytes), found == expected
            else {
                throw ClipFailure(
                    .permanent,
                    "block \(index) is not what its manifest says: the file changed since the manifest was written")
            }
            return bytes
        }
    }

    /// The JPEG of one thumbnail, compared with its digest.
    func thumbnail(_ type: ThumbnailType) async throws(ClipFailure) -> Data {
        let picture = type == .large ? manifest.thumbnails.large : manifest.thumbnails.small
        let path = Path.resolve(picture.path, below: folder)
        return try await reading.run { () throws(ClipFailure) in
            let bytes: [UInt8]
            do throws(FileError) {
                let file = try OpenFile(path, below: bounds?.pictures)
                // No more than there is, whatever the manifest claims.
                bytes = try file.bytes(in: 0..<max(0, min(picture.size, try file.identity().size)))
            } catch {
                throw Self.failure(error)
            }
            guard try Self.digest(bytes.span.bytes) == picture.sha256 else {
                throw ClipFailure(.permanent, "\(Path.name(of: path)) is not the thumbnail that the manifest describes")
            }
            return Data(bytes)
        }
    }
}
