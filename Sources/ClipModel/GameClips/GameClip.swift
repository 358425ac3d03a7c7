/// GameClip: what the service knows of a clip. Every member may be absent.
public struct GameClip: KnownFields {
    /// A string on most pages, a number on some.
    public var xuid: JSONValue?
    public var clipName: String?
    public var titleName: String?
    public var gameClipId: String?
    /// The name of `gameClipId` on some pages.
    public var id: String?
    public var state: GameClipState?
    public var dateRecorded: String?
    public var lastModified: String?
    public var userCaption: String?
    public var type: GameClipTypes?
    public var source: GameClipSource?
    public var visibility: GameClipVisibility?
    public var durationInSeconds: UInt32?
    public var scid: String?
    public var titleId: JSONValue?
    /// 0 to 5.
    public var rating: Double?
    public var ratingCount: Int64?
    public var views: Int64?
    public var titleData: String?
    public var systemProperties: String?
    public var savedByUser: Bool?
    public var achievementId: String?
    public var greatestMomentId: String?
    public var gameClipLocale: String?
    public var datePublished: String?
    public var thumbnails: [WithUnknownFields<GameClipThumbnail>]?
    public var gameClipUris: [WithUnknownFields<GameClipUri>]?

    public enum CodingKeys: String, CodingKey, CaseIterable {
        case xuid, clipName, titleName, gameClipId, id, state, dateRecorded, lastModified, userCaption, type, source
        case visibility, durationInSeconds, scid, titleId, rating, ratingCount, views, titleData, systemProperties
        case savedByUser, achievementId, greatestMomentId, gameClipLocale, datePublished, thumbnails, gameClipUris
    }

    public init() {}

    /// The clip's id, whichever of its two names the service used.
    public var identifier: String? { gameClipId ?? id }
}

/// GameClipThumbnail: one published thumbnail.
public struct GameClipThumbnail: KnownFields {
    public var uri: String
    /// Bytes.
    public var fileSize: Int64?
    public var thumbnailType: ThumbnailType?
    /// Pixels.
    public var width: Int?
    public var height: Int?

    public enum CodingKeys: String, CodingKey, CaseIterable {
        case uri, fileSize, thumbnailType, width, height
    }

    public init(uri: String, fileSize: Int64?, thumbnailType: ThumbnailType) {
        self.uri = uri
        self.fileSize = fileSize
        self.thumbnailType = thumbnailType
    }
}

/// GameClipUri: where a published clip can be fetched, and until when.
public struct GameClipUri: KnownFields {
    public var uri: String
    /// Bytes.
    public var fileSize: Int64?
    public var uriType: GameClipUriType?
    /// ISO 8601; `9999-12-31T23:59:59.9999999` for never.
    public var expiration: String?

    public enum CodingKeys: String, CodingKey, CaseIterable {
        case uri, fileSize, uriType, expiration
    }

    public init(uri: String, fileSize: Int64?, uriType: GameClipUriType, expiration: String?) {
        self.uri = uri
        self.fileSize = fileSize
        self.uriType = uriType
        self.expiration = expiration
    }
}

/// The answer to `GET .../clips/{gameClipId}`.
public struct GameClipAnswer: KnownFields {
    public var gameClip: WithUnknownFields<GameClip>

    public enum CodingKeys: String, CodingKey, CaseIterable { case gameClip }

    public init(gameClip: WithUnknownFields<GameClip>) {
        self.gameClip = gameClip
    }
}

/// The answer to `GET .../clips`: one page of clips.
public struct GameClipPage: KnownFields {
    public var gameClips: [WithUnknownFields<GameClip>]
    public var pagingInfo: PagingInfo?

    public enum CodingKeys: String, CodingKey, CaseIterable { case gameClips, pagingInfo }

    public init(gameClips: [WithUnknownFields<GameClip>], pagingInfo: PagingInfo?) {
        self.gameClips = gameClips
        self.pagingInfo = pagingInfo
    }
}

/// Where the next page starts.
public struct PagingInfo: Codable, Hashable, Sendable {
    /// At most 36 characters; nil on the last page.
    public var continuationToken: String?
    public var totalItems: Int?

    public init(continuationToken: String?, totalItems: Int?) {
        self.continuationToken = continuationToken
        self.totalItems = totalItems
    }
}
