import ClipModel
import FoundationEssentials
import SystemIO

/// What makes a clip the same clip on every machine: service configuration, session, name and content. It travels in
/// `systemProperties`, so that the service can be asked which of our clips it has.
enum ClipKey {
    static func of(clip: String, scid: String, sessionRef: String?, content: SHA256Digest) throws(DigestError) -> String
    {
        let parts = [scid.lowercased(), sessionRef ?? "", clip, content.description]
        return try SHA256Hasher.digest(of: Data(parts.joined(separator: "\n").utf8).bytes).description
    }
}

/// The property bag that carries the key, and beside it what the user put there.
struct ClipMarker: Codable, Hashable, Sendable {
    var clipship: String
    var systemProperties: String?

    /// The marker in a clip's `systemProperties`; nil where there is none of ours.
    init?(in properties: String?) {
        guard let properties, let marker = try? JSONDecoder().decode(Self.self, from: Data(properties.utf8)) else {
            return nil
        }
        self = marker
    }

    init(key: String, beside systemProperties: String?) {
        clipship = key
        self.systemProperties = systemProperties
    }

    /// As it is sent.
    var text: String {
        (try? CanonicalJSON.line(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}

extension Manifest {
    /// The clip's key, from the request's marker; nil in a manifest that something else wrote.
    var key: String? { ClipMarker(in: request.systemProperties)?.clipship }

    /// A digest of all that it says of the MP4's bytes; nil if none can be computed.
    var contentDigest: String? {
        let digests = ([file.sha256] + blocks.sha256).map(\.description)
        let parts = ["\(file.size)", "\(blocks.size)"] + digests
        return (try? SHA256Hasher.digest(of: Data(parts.joined(separator: "\n").utf8).bytes))?.description
    }
}
