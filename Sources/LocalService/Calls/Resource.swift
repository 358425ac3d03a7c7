import ClipModel
import Support

/// Where the path of a request leads; it is read once.
enum Route: Hashable, Sendable {
    /// The page in a browser, its files and its data; a browser asks for the icon of whatever it shows, too.
    case page
    /// `/_control/...`
    case control
    /// A call of one of the services.
    case call(Resource)
    /// The answer is that of the service that the path begins like.
    case nothing(ErrorStyle)

    init(_ segments: [String]) {
        switch segments.first {
        case nil, "_page"?: self = .page
        case "favicon.ico"? where segments.count == 1: self = .page
        case "_control"?: self = .control
        default:
            self =
                Resource(segments).map(Self.call) ?? .nothing(ErrorStyle(ofPath: segments.joined(separator: "/")))
        }
    }

    /// Nil where there is no call of a service.
    var resource: Resource? {
        if case .call(let resource) = self { resource } else { nil }
    }

    var errorStyle: ErrorStyle {
        switch self {
        case .page, .control: .metadata
        case .call(let resource): resource.errorStyle
        case .nothing(let style): style
        }
    }
}

/// What a path names.
enum Resource: Hashable, Sendable {
    /// `/users/{ownerId}/clips`, and the other lists at whose path nothing is made.
    case clipList(ListedClips)
    /// `/users/{ownerId}/scids/{scid}/clips`
    case clips(Owner, scid: String)
    /// `/users/{ownerId}/scids/{scid}/clips/{gameClipId}`
    case clip(Owner, scid: String, id: String)
    /// `/users/{ownerId}/scids/{scid}/clips/{gameClipId}/views`
    case views(Owner, scid: String, id: String)
    /// `/upload/xuid(...)/{gameClipId}/container`
    case upload(ClipPath)
    /// `/upload/xuid(...)/{gameClipId}/container/thumbnails/large`, or `small`
    case thumbnailUpload(ClipPath, ThumbnailType)
    /// `/download/xuid(...)/{gameClipId}/container`
    case download(ClipPath)
    /// `/download/xuid(...)/{gameClipId}/container/thumbnails/large`, or `small`
    case thumbnailDownload(ClipPath, ThumbnailType)
    /// `/batch`, of user statistics
    case statistics
    /// `/users/{ownerId}/scids/{scid}/stats/{names}`, of user statistics; names between commas.
    case statisticsOfUser(Owner, scid: String, names: String)
    /// `/titles/{titleId}/clusters`, of game server management
    case clusters(titleId: String)
    /// `/titles/{titleId}/sessions/{sessionId}/allocationStatus`
    case allocationStatus(titleId: String, sessionId: String)

    /// A user, as a path names one.
    enum Owner: Hashable, Sendable {
        case me
        case xuid(String)
    }

    /// Whose clip, and which; as a transfer URI names it.
    struct ClipPath: Hashable, Sendable {
        var xuid: String
        var id: String
    }

    /// Nil for a path that names nothing.
    init?(_ segments: [String]) {
        switch segments.count {
        case 1 where segments[0] == "batch":
            self = .statistics
        case 3 where segments[0] == "titles" && segments[2] == "clusters":
            self = .clusters(titleId: segments[1])
        case 5... where segments[0] == "titles":
            guard segments[2] == "sessions", segments.last == "allocationStatus" else { return nil }
            // A session's id is a path itself: percent-encoded it is one segment, written out it is several.
            let session = segments[3..<segments.endIndex - 1].joined(separator: "/")
            self = .allocationStatus(titleId: segments[1], sessionId: session)
        case 3... where segments[0] == "users" || segments[0] == "public":
            if let list = ListedClips(segments) {
                if let owner = list.owner, let scid = list.scid {
                    self = .clips(owner, scid: scid)
                } else {
                    self = .clipList(list)
                }
            } else {
                self.init(ofUser: segments)
            }
        default:
            self.init(transfer: segments)
        }
    }

    /// What is one thing of a user's in a service configuration.
    private init?(ofUser segments: [String]) {
        guard (6...7).contains(segments.count), segments[0] == "users", segments[2] == "scids",
            let owner = Owner(segments[1])
        else { return nil }
        let scid = segments[3]
        switch (segments[4], segments.dropFirst(6).first) {
        case ("clips", nil): self = .clip(owner, scid: scid, id: segments[5])
        case ("clips", "views"): self = .views(owner, scid: scid, id: segments[5])
        case ("stats", nil): self = .statisticsOfUser(owner, scid: scid, names: segments[5])
        default: return nil
        }
    }

    private init?(transfer segments: [String]) {
        guard segments.count == 4 || segments.count == 6, segments[3] == "container",
            case .xuid(let xuid)? = Owner(segments[1]), ClipIdentifier.isValid(segments[2])
        else { return nil }
        let place = ClipPath(xuid: xuid, id: segments[2])
        let thumbnail: ThumbnailType?
        switch segments.dropFirst(4) {
        case []: thumbnail = nil
        case ["thumbnails", "large"]: thumbnail = .large
        case ["thumbnails", "small"]: thumbnail = .small
        default: return nil
        }
        switch segments[0] {
        case "upload": self = thumbnail.map { .thumbnailUpload(place, $0) } ?? .upload(place)
        case "download": self = thumbnail.map { .thumbnailDownload(place, $0) } ?? .download(place)
        default: return nil
        }
    }

    /// The service configuration that the path names.
    var scid: String? {
        switch self {
        case .clips(_, let scid), .clip(_, let scid, _), .views(_, let scid, _), .statisticsOfUser(_, let scid, _):
            scid
        case .clipList(let list): list.scid
        case .upload, .thumbnailUpload, .download, .thumbnailDownload, .statistics, .clusters,
            .allocationStatus:
            nil
        }
    }

    /// The methods that it takes.
    var methods: [String] {
        switch self {
        case .clipList, .statisticsOfUser: ["GET", "HEAD"]
        case .views: ["POST"]
        case .clips: ["GET", "HEAD", "POST"]
        case .clip: ["GET", "HEAD", "POST", "DELETE"]
        case .upload, .thumbnailUpload: ["PUT"]
        case .download, .thumbnailDownload, .allocationStatus: ["GET", "HEAD"]
        case .statistics, .clusters: ["POST"]
        }
    }

    var errorStyle: ErrorStyle {
        switch self {
        case .clipList, .clips, .clip, .views: .metadata
        case .upload, .thumbnailUpload, .download, .thumbnailDownload: .transfer
        case .statistics, .statisticsOfUser: .statistics
        case .clusters, .allocationStatus: .compute
        }
    }
}

extension Resource.Owner {
    /// The digits of the user; nil for `me` without an Xuid claim.
    func userId(_ claims: Claims) -> String? {
        switch self {
        case .me: claims.userId
        case .xuid(let xuid): xuid
        }
    }

    /// Reads `me` or `xuid(123456789)`.
    init?(_ text: String) {
        if text == "me" {
            self = .me
            return
        }
        guard text.hasPrefix("xuid("), text.hasSuffix(")") else { return nil }
        let digits = text.dropFirst(5).dropLast()
        guard (1...20).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else {
            return nil
        }
        self = .xuid(String(digits))
    }
}

/// The ids that the service gives: GUIDs in lower case, so that one can stand in a path and in a file's name.
enum ClipIdentifier {
    static func isValid(_ text: String) -> Bool {
        GUID.isValid(text) && text == text.lowercased()
    }
}
