import ClipModel
import SystemIO

/// Compares a clip and its thumbnails with their manifest.
public enum ManifestVerifier {
    /// One sentence for each thing that is not as the manifest says; none if all is. Reads the whole MP4 and blocks the
    /// calling thread.
    ///
    /// - Parameter isAlone: There are cores to spare.
    public static func mismatches(of stored: StoredManifest, isAlone: Bool) -> [String] {
        let folder = Path.parent(of: stored.path)
        let thumbnails = stored.manifest.thumbnails
        return clip(stored, isAlone)
            + picture(thumbnails.large, "large thumbnail", folder: folder, stored.bounds)
            + picture(thumbnails.small, "small thumbnail", folder: folder, stored.bounds)
            + sheet(thumbnails.sheet, folder: folder, stored.bounds)
    }

    private static func sheet(
        _ sheet: Manifest.Sheet?, folder: String, _ bounds: StoredManifest.Bounds?
    ) -> [String] {
        guard let sheet else { return [] }
        let track = sheet.track.map { self.file($0.path, $0.size, $0.sha256, "sheet's track", folder: folder, bounds) }
        return picture(sheet.picture, "sheet", folder: folder, bounds) + (track ?? [])
    }

    private static func clip(_ stored: StoredManifest, _ isAlone: Bool) -> [String] {
        let manifest = stored.manifest
        do {
            let file = try OpenFile(stored.file, below: stored.bounds?.clip)
            let size = try file.identity().size
            guard size == manifest.file.size else {
                return ["\(Path.shown(stored.file)) has \(size) bytes, the manifest says \(manifest.file.size)"]
            }
            let plan = try BlockPlan(fileSize: ByteCount(size), blockSize: ByteCount(manifest.blocks.size))
            return compare(try FileDigests(of: file, plan: plan, isAlone: isAlone), with: manifest, plan, stored.file)
        } catch let error as BlockPlanError {
            return ["the manifest can't be used: \(error)"]
        } catch {
            return ["\(error)"]
        }
    }

    private static func compare(
        _ digests: FileDigests, with manifest: Manifest, _ plan: BlockPlan, _ file: String
    ) -> [String] {
        guard digests.blocks.count == manifest.blocks.sha256.count, manifest.blocks.count == plan.count else {
            return [
                "the manifest has \(manifest.blocks.sha256.count) block digests and a count of "
                    + "\(manifest.blocks.count); the file divides into \(plan.count) blocks"
            ]
        }
        let different = plan.indices.filter { digests.blocks[$0] != manifest.blocks.sha256[$0] }
        if different.isEmpty {
            return digests.file == manifest.file.sha256
                ? [] : ["the manifest contradicts itself: every block is as it says, the whole file is not"]
        }
        return different.map { index in
            let range = plan[index]
            return "block \(index) of \(Path.shown(file)) (bytes \(range.lowerBound) to \(range.upperBound - 1)) "
                + "is not what the manifest says"
        }
    }

    private static func picture(
        _ picture: Manifest.Picture, _ name: String, folder: String, _ bounds: StoredManifest.Bounds?
    ) -> [String] {
        file(picture.path, picture.size, picture.sha256, name, folder: folder, bounds)
    }

    private static func file(
        _ path: String, _ size: Int64, _ sha256: SHA256Digest, _ name: String, folder: String,
        _ bounds: StoredManifest.Bounds?
    ) -> [String] {
        do {
            let file = try OpenFile(Path.resolve(path, below: folder), below: bounds?.pictures)
            let found = try file.identity().size
            guard found == size else { return ["the \(name) has \(found) bytes, the manifest says \(size)"] }
            let bytes = try file.bytes(in: 0..<size)
            let digest = try SHA256Hasher.digest(of: bytes.span.bytes)
            return digest == sha256 ? [] : ["the \(name) is not what the manifest says"]
        } catch {
            return ["the \(name): \(error)"]
        }
    }
}
