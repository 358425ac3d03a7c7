import ClipModel
import FoundationEssentials
import SystemIO

/// The bytes of one clip as its manifest describes them; hands out nothing else.
struct ClipContents: Sendable {
    let manifest: Manifest
    /// The manifest's folder, absolute.
    private let folder: String
    private let file: OpenFile
    private let plan: BlockPlan
    private let reading: BlockingPool

    /// Opens the MP4, whose size must be the manifest's.
    init(_ manifest: Manifest, file path: String, folder: String, reading: BlockingPool) throws(ClipFailure) {
        self.manifest = manifest
        self.folder = folder
        self.reading = reading
        do throws(FileError) {
            file = try OpenFile(path)
            let size = try file.identity().size
            guard size == manifest.file.size else {
                throw FileError(operation: Self.changedSize, path: "\(size)", code: 0)
            }
        } catch {
            guard error.operation == Self.changedSize else { throw ClipFailure(error) }
            throw ClipFailure(
                .permanent,
                "the file has \(error.path) bytes, its manifest says \(manifest.file.size): it changed since the "
                    + "manifest was written")
        }
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
    }

    private static let changedSize = "size"

    var blockCount: Int { plan.count }

    /// Bytes of one block.
    func size(ofBlock index: Int) -> Int64 { Int64(plan[index].count) }

    /// The bytes of one block, read whole and compared with their digest, so that what goes up is what was checked.
    ///
    /// - Parameter buffers: For the bytes.
    func block(_ index: Int, in buffers: BufferPool) async throws(ClipFailure) -> Data {
        let (file, plan, expected) = (file, plan, manifest.blocks.sha256[index])
        return try await reading.run { () throws(ClipFailure) in
            let bytes: Data
            do throws(FileError) { bytes = try buffers.bytes(of: file, in: plan[index]) } catch {
                throw ClipFailure(error)
            }
            guard bytes.count == plan[index].count, (try? SHA256Hasher.digest(of: bytes.bytes)) == expected else {
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
                let file = try OpenFile(path)
                bytes = try file.bytes(in: 0..<max(0, picture.size))
            } catch {
                throw ClipFailure(error)
            }
            guard (try? SHA256Hasher.digest(of: bytes.span.bytes)) == picture.sha256 else {
                throw ClipFailure(.permanent, "\(Path.name(of: path)) is not the thumbnail that the manifest describes")
            }
            return Data(bytes)
        }
    }
}
