import ClipModel
import SystemIO

/// Compares a clip and its thumbnails with their manifest.
public enum ManifestVerifier {
    /// What is not as the manifest says.
    public struct Mismatch: Sendable {
        public let sentence: String
        /// It could not be compared, which may pass by itself.
        public let isTemporary: Bool

        fileprivate init(_ sentence: String, because error: (any Error)? = nil) {
            self.sentence = sentence
            isTemporary = error.map(ClipFailure.mayPass) ?? false
        }
    }

    /// Each thing that is not as the manifest says, or could not be compared; none if all is. Reads the whole MP4 and blocks the
    /// calling thread.
    ///
    /// - Parameter isAlone: There are cores to spare.
    public static func mismatches(of stored: StoredManifest, isAlone: Bool) -> [Mismatch] {
        let folder = Path.parent(of: stored.path)
        let thumbnails = stored.manifest.thumbnails
        return clip(stored, isAlone)
            + picture(thumbnails.large, "large thumbnail", folder: folder, stored.bounds)
            + picture(thumbnails.small, "small thumbnail", folder: folder, stored.bounds)
            + sheet(thumbnails.sheet, folder: folder, stored.bounds)
    }

    private static func sheet(
        _ sheet: Manifest.Sheet?, folder: String, _ bounds: StoredManifest.Bounds?
    ) -> [Mismatch] {
        guard let sheet else { return [] }
        let track = sheet.track.map { self.file($0.path, $0.size, $0.sha256, "sheet's track", folder: folder, bounds) }
        return picture(sheet.picture, "sheet", folder: folder, bounds) + (track ?? [])
    }

    private static func clip(_ stored: StoredManifest, _ isAlone: Bool) -> [Mismatch] {
        let manifest = stored.manifest
        do {
            let file = try OpenFile(stored.file, below: stored.bounds?.clip)
            let size = try file.identity().size
            guard size == manifest.file.size else {
                return [
                    Mismatch("\(Path.shown(stored.file)) has \(size) bytes, the manifest says \(manifest.file.size)")
                ]
            }
            let plan = try BlockPlan(fileSize: ByteCount(size), blockSize: ByteCount(manifest.blocks.size))
            return compare(try FileDigests(of: file, plan: plan, isAlone: isAlone), with: manifest, plan, stored.file)
        } catch let error as BlockPlanError {
            return [Mismatch("the manifest can't be used: \(error)")]
        } catch {
            return [Mismatch("\(error)", because: error)]
        }
    }

    private static func compare(
        _ digests: FileDigests, with manifest: Manifest, _ plan: BlockPlan, _ file: String
    ) -> [Mismatch] {
        guard digests.blocks.count == manifest.blocks.sha256.count, manifest.blocks.count == plan.count else {
            return [
                Mismatch(
                    "the manifest has \(manifest.blocks.sha256.count) block digests and a count of "
                        + "\(manifest.blocks.count); the file divides into \(plan.count) blocks")
            ]
        }
        let different = plan.indices.filter { digests.blocks[$0] != manifest.blocks.sha256[$0] }
        if different.isEmpty {
            return digests.file == manifest.file.sha256
                ? [] : [Mismatch("the manifest contradicts itself: every block is as it says, the whole file is not")]
        }
        return different.map { index in
            let range = plan[index]
            return Mismatch(
                "block \(index) of \(Path.shown(file)) (bytes \(range.lowerBound) to \(range.upperBound - 1)) "
                    + "is not what the manifest says")
        }
    }

    private static func picture(
        _ picture: Manifest.Picture, _ name: String, folder: String, _ bounds: StoredManifest.Bounds?
    ) -> [Mismatch] {
        file(picture.path, picture.size, picture.sha256, name, folder: folder, bounds)
    }

    private static func file(
        _ path: String, _ size: Int64, _ sha256: SHA256Digest, _ name: String, folder: String,
        _ bounds: StoredManifest.Bounds?
    ) -> [Mismatch] {
        do {
            let file = try OpenFile(Path.resolve(path, below: folder), below: bounds?.pictures)
            let found = try file.identity().size
            guard found == size else { return [Mismatch("the \(name) has \(found) bytes, the manifest says \(size)")] }
            let bytes = try file.bytes(in: 0..<size)
            let digest = try SHA256Hasher.digest(of: bytes.span.bytes)
            return digest == sha256 ? [] : [Mismatch("the \(name) is not what the manifest says")]
        } catch {
            return [Mismatch("the \(name): \(error)", because: error)]
        }
    }
}
