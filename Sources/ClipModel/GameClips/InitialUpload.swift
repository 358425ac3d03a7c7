/// InitialUploadRequest, the body of `POST /users/me/scids/{scid}/clips`.
public struct InitialUploadRequest: KnownFields {
    /// String id of the clip's name in the title's configuration.
    public var clipNameStringId: String?
    /// The same under its other name; each is sent only if given.
    public var greatestMomentId: String?
    /// At most 250 characters.
    public var userCaption: String?
    /// The game session in which the clip was recorded.
    public var sessionRef: String?
    /// Start of the recording, ISO 8601; kept as text, for the services print up to seven fractional digits.
    public var dateRecorded: String
    public var durationInSeconds: UInt32
    /// Left out when the file goes up in one request.
    public var expectedBlocks: UInt32?
    /// Bytes.
    public var fileSize: UInt32
    public var type: GameClipTypes
    public var source: GameClipSource
    public var visibility: GameClipVisibility
    /// The title's property bag, at most 10 KB, stored and returned as it is.
    public var titleData: String?
    /// The console's property bag, stored and returned as it is.
    public var systemProperties: String?
    public var usersInSession: [String]?
    public var thumbnailSource: ThumbnailSource?
    /// Milliseconds; only when `thumbnailSource` is `Offset`. The misspelling is the service's.
    public var thumbnailOffsetMillseconds: Int32?
    /// False or absent: first-in-first-out storage rather than the user's quota.
    public var savedByUser: Bool?

    public enum CodingKeys: String, CodingKey, CaseIterable {
        case clipNameStringId, greatestMomentId, userCaption, sessionRef, dateRecorded, durationInSeconds
        case expectedBlocks, fileSize, type, source, visibility, titleData, systemProperties, usersInSession
        case thumbnailSource, thumbnailOffsetMillseconds, savedByUser
    }

    public init(
        dateRecorded: String, durationInSeconds: UInt32, fileSize: UInt32, expectedBlocks: UInt32? = nil,
        type: GameClipTypes = GameClipTypes([.developerInitiated]), source: GameClipSource = .titleDirect,
        visibility: GameClipVisibility = .default
    ) {
        self.dateRecorded = dateRecorded
        self.durationInSeconds = durationInSeconds
        self.fileSize = fileSize
        self.expectedBlocks = expectedBlocks
        self.type = type
        self.source = source
        self.visibility = visibility
    }

    /// The most characters that `userCaption` may have.
    public static let longestCaption = 250
    /// The most bytes of UTF-8 that `titleData` may have: 10 KB.
    public static let largestTitleData = 10_240

    /// A caption's length as it is counted towards `longestCaption`: in Unicode code points, as JSON Schema counts.
    public static func captionLength(_ caption: String) -> Int { caption.unicodeScalars.count }
}

/// InitialUploadResponse: where the bits go.
public struct InitialUploadResponse: KnownFields {
    public var gameClipId: String
    public var uploadUri: String
    /// The thumbnails go up whenever their URIs are there.
    public var largeThumbnailUri: String?
    public var smallThumbnailUri: String?
    public var clipName: String?
    public var titleName: String?

    public enum CodingKeys: String, CodingKey, CaseIterable {
        case gameClipId, uploadUri, largeThumbnailUri, smallThumbnailUri, clipName, titleName
    }

    public init(gameClipId: String, uploadUri: String) {
        self.gameClipId = gameClipId
        self.uploadUri = uploadUri
    }
}
