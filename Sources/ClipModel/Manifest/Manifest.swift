/// Everything that an upload of one clip needs; with it and the MP4, a clip can be submitted without looking at the
/// video again. Equal input and options give equal bytes: no absolute path and no clock is in it.
public struct Manifest: Codable, Hashable, Sendable {
    public static let currentFormat = "clipship-manifest/1"

    public var format: String
    /// The clip's name in the output folder.
    public var clip: String
    /// The service configuration id.
    public var scid: String
    public var file: FileEntry
    /// As it will be posted.
    public var request: WithUnknownFields<InitialUploadRequest>
    public var blocks: Blocks
    public var thumbnails: Thumbnails
    public var media: MediaFacts
    /// In the order of their names; nil where the pipeline asks for none.
    public var checks: [CheckResult]?
    public var warnings: [String]

    public init(
        clip: String, scid: String, file: FileEntry, request: WithUnknownFields<InitialUploadRequest>, blocks: Blocks,
        thumbnails: Thumbnails, media: MediaFacts, checks: [CheckResult]? = nil, warnings: [String]
    ) {
        format = Self.currentFormat
        self.clip = clip
        self.scid = scid
        self.file = file
        self.request = request
        self.blocks = blocks
        self.thumbnails = thumbnails
        self.media = media
        self.checks = checks
        self.warnings = warnings
    }

    /// The MP4, or another file.
    public struct FileEntry: Codable, Hashable, Sendable {
        /// Relative to the manifest's folder.
        public var path: String
        /// Bytes.
        public var size: Int64
        public var sha256: SHA256Digest

        public init(path: String, size: Int64, sha256: SHA256Digest) {
            self.path = path
            self.size = size
            self.sha256 = sha256
        }
    }

    /// The upload blocks, in order.
    public struct Blocks: Codable, Hashable, Sendable {
        /// Bytes of every block but the last.
        public var size: Int64
        public var count: Int
        public var sha256: [SHA256Digest]

        public init(size: Int64, sha256: [SHA256Digest]) {
            self.size = size
            count = sha256.count
            self.sha256 = sha256
        }
    }

    /// Both thumbnails and the frame that they show.
    public struct Thumbnails: Codable, Hashable, Sendable {
        /// What was asked for, in milliseconds.
        public var requestedMilliseconds: Int64
        /// What was asked for where it was not milliseconds, such as `auto` or `chapter:Boss`.
        public var offset: String?
        /// Why it is this frame; nil where it is the one at the milliseconds asked for.
        public var reason: String?
        /// Presentation time of the frame shown, to the microsecond.
        public var frameMilliseconds: Double
        public var large: Picture
        public var small: Picture
        /// Nil where none is asked for.
        public var sheet: Sheet?

        public init(requestedMilliseconds: Int64, frameMilliseconds: Double, large: Picture, small: Picture) {
            self.requestedMilliseconds = requestedMilliseconds
            self.frameMilliseconds = frameMilliseconds
            self.large = large
            self.small = small
        }
    }

    /// A contact sheet or a sprite, a JPEG.
    public struct Sheet: Codable, Hashable, Sendable {
        public var picture: Picture
        public var columns: Int
        public var rows: Int
        /// Of each picture in it.
        public var tile: PictureSize
        /// How many there are.
        public var count: Int
        /// The WebVTT file that says when each is to be shown; nil of a contact sheet.
        public var track: FileEntry?

        public init(
            picture: Picture, columns: Int, rows: Int, tile: PictureSize, count: Int, track: FileEntry? = nil
        ) {
            self.picture = picture
            self.columns = columns
            self.rows = rows
            self.tile = tile
            self.count = count
            self.track = track
        }
    }

    /// One picture, a JPEG.
    public struct Picture: Codable, Hashable, Sendable {
        /// Relative to the manifest's folder.
        public var path: String
        public var width: Int
        public var height: Int
        /// Bytes.
        public var size: Int64
        public var sha256: SHA256Digest

        public init(path: String, dimensions: PictureSize, size: Int64, sha256: SHA256Digest) {
            self.path = path
            width = dimensions.width
            height = dimensions.height
            self.size = size
            self.sha256 = sha256
        }
    }
}
