public import ClipModel
import FoundationEssentials
import Glibc
import Support
public import SystemIO

/// Manifests on disk.
public enum ManifestFile {
    /// Bytes: more than a manifest of `BlockPlan.mostBlocks` has.
    static let largest: Int64 = 16 << 20
    /// Bytes: more than any thumbnail of ours has.
    static let largestPicture: Int64 = 16 << 20
    /// Bytes: more than any sheet of ours has.
    static let largestSheet: Int64 = 64 << 20

    /// Reads a manifest that this or another clipship wrote.
    public static func read(_ path: String) throws(ManifestError) -> Manifest {
        try manifest(in: try bytes(of: path), at: path)
    }

    static func bytes(of path: String) throws(ManifestError) -> [UInt8] {
        do throws(FileError) {
            return try OpenFile(path).contents(atMost: largest)
        } catch {
            throw .file(error)
        }
    }

    static func manifest(in text: [UInt8], at path: String) throws(ManifestError) -> Manifest {
        let manifest: Manifest
        do throws(StrictJSON.Failure) {
            manifest = try StrictJSON.decode(Manifest.self, from: Data(text), format: Manifest.currentFormat)
        } catch {
            if case .format(let other) = error { throw .otherFormat(path: path, other) }
            throw .malformed(path: path, error.description)
        }
        let (thumbnails, sheet) = (manifest.thumbnails, manifest.thumbnails.sheet)
        let sizes = [
            ("large", "thumbnail", thumbnails.large.size, largestPicture),
            ("small", "thumbnail", thumbnails.small.size, largestPicture),
            ("sheet.picture", "sheet", sheet?.picture.size ?? 0, largestSheet),
            ("sheet.track", "track", sheet?.track?.size ?? 0, largestSheet),
        ]
        for (name, what, size, most) in sizes {
            // It says how much is read of a file that is not ours.
            guard (0...most).contains(size) else {
                throw .malformed(
                    path: path, "thumbnails.\(name).size: \(size) bytes; a \(what) has at most \(most)")
            }
        }
        return manifest
    }
}

/// Why a manifest can't be used.
public enum ManifestError: Error, Sendable, CustomStringConvertible {
    case file(FileError)
    case otherFormat(path: String, String)
    case malformed(path: String, String)
    /// Whether it can be used is not known.
    case unchecked(path: String, DigestError)

    public var description: String {
        switch self {
        case .file(let error): error.description
        case .otherFormat(let path, let format):
            "\(Path.shown(path)) is a \"\(format)\", not a \"\(Manifest.currentFormat)\""
        case .malformed(let path, let reason): "\(Path.shown(path)) is no manifest: \(reason)"
        case .unchecked(let path, let error): "\(Path.shown(path)) can't be checked: \(error)"
        }
    }
}
