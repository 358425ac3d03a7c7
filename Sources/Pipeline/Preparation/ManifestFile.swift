public import ClipModel
import FoundationEssentials
import StrictJSON
public import SystemIO

/// Manifests on disk.
public enum ManifestFile {
    /// Larger than the manifest of the largest file in the smallest blocks.
    private static let largest: Int64 = 1 << 30

    /// Reads a manifest that this or another clipship wrote.
    public static func read(_ path: String) throws(ManifestError) -> Manifest {
        let text: [UInt8]
        do throws(FileError) {
            let file = try OpenFile(path)
            text = try file.bytes(in: 0..<min(file.identity().size, largest))
        } catch {
            throw .file(error)
        }
        do {
            let format = try StrictJSON.decode(Format.self, from: Data(text)).format
            guard format == Manifest.currentFormat else { throw ManifestError.otherFormat(path: path, format) }
            return try JSONDecoder().decode(Manifest.self, from: Data(text))
        } catch let error as ManifestError {
            throw error
        } catch let error as StrictJSON.SyntaxError {
            throw .malformed(path: path, error.description)
        } catch let error as DecodingError {
            throw .malformed(path: path, error.sentence)
        } catch {
            throw .malformed(path: path, "\(error)")
        }
    }

    private struct Format: Decodable {
        var format: String
    }
}

/// Why a manifest can't be used.
public enum ManifestError: Error, Sendable, CustomStringConvertible {
    case file(FileError)
    case otherFormat(path: String, String)
    case malformed(path: String, String)

    public var description: String {
        switch self {
        case .file(let error): error.description
        case .otherFormat(let path, let format):
            "\(Path.shown(path)) is a \"\(format)\", not a \"\(Manifest.currentFormat)\""
        case .malformed(let path, let reason): "\(Path.shown(path)) is no manifest: \(reason)"
        }
    }
}

extension DecodingError {
    /// Which member is wrong, and how.
    var sentence: String {
        let (context, extra): (Context, String) =
            switch self {
            case .keyNotFound(let key, let context): (context, "\"\(key.stringValue)\" is missing")
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
                (context, context.debugDescription)
            @unknown default: (Context(codingPath: [], debugDescription: ""), "\(self)")
            }
        let place = context.codingPath.map(\.stringValue).joined(separator: ".")
        return place.isEmpty ? extra : "\(place): \(extra)"
    }
}
