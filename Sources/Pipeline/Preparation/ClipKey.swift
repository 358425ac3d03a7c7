import ClipModel
import FoundationEssentials
import Journal
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

/// The property bag that carries the key, who asked for the id and when, and beside them what the user put there.
struct ClipMarker: Codable, Hashable, Sendable {
    var clipship: String
    /// The journal that asked (`Journal.owner`); nil in a manifest, and in what an older clipship asked for.
    var owner: String?
    /// When it asked; nil as above.
    var asked: Timestamp?
    var systemProperties: String?

    /// The marker in a clip's `systemProperties`; nil where there is none of ours.
    init?(in properties: String?) {
        // Whatever another program put there is none of ours.
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
        // Nothing in it can't be written as JSON.
        (try? CanonicalJSON.line(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}

extension Manifest {
    /// The clip's key, from the request's marker; nil in a manifest that something else wrote.
    var key: String? { ClipMarker(in: request.systemProperties)?.clipship }

    /// A digest of all that it says of the MP4's bytes; nil if none can be computed.
    var contentDigest: String? {
        // Without one the file is not known, and each block is compared.
        try? Self.digest(of: contentParts)
    }

    private var contentParts: [String] {
        ["\(file.size)", "\(blocks.size)"] + ([file.sha256] + blocks.sha256).map(\.description)
    }

    /// What tells whether a submission by this manifest is the same as an earlier one.
    func submissionDigests() throws -> SubmissionDigests {
        var fixed = request
        fixed.userCaption = nil
        fixed.visibility = .default
        fixed.titleData = nil
        return SubmissionDigests(
            contents: try Self.digest(
                of: contentParts + [thumbnails.large.sha256, thumbnails.small.sha256].map(\.description)),
            request: try Self.digest(of: [scid, String(decoding: CanonicalJSON.line(fixed), as: UTF8.self)]),
            changeable: try ChangeableMembers(request.known).digest())
    }

    private static func digest(of parts: [String]) throws(DigestError) -> String {
        try SHA256Hasher.digest(of: Data(parts.joined(separator: "\n").utf8).bytes).description
    }
}

/// The members of a clip that the service lets be changed (`POST .../clips/{gameClipId}`).
struct ChangeableMembers: Encodable, Hashable, Sendable {
    /// Empty where there is none.
    var userCaption: String
    var visibility: GameClipVisibility
    /// Empty where there is none.
    var titleData: String

    init(_ request: InitialUploadRequest) {
        userCaption = request.userCaption ?? ""
        visibility = request.visibility
        titleData = request.titleData ?? ""
    }

    /// - Parameter expected: What it should have, for a service that does not tell.
    init(_ clip: GameClip, expected: GameClipVisibility) {
        userCaption = clip.userCaption ?? ""
        visibility = clip.visibility ?? expected
        titleData = clip.titleData ?? ""
    }

    func digest() throws -> String {
        try SHA256Hasher.digest(of: CanonicalJSON.line(self).bytes).description
    }
}
