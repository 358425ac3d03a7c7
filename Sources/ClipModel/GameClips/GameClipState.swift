/// How far the service is with a clip.
public struct GameClipState: OpenEnumeration {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    public static let none = Self(rawValue: "None")
    public static let pendingUpload = Self(rawValue: "PendingUpload")
    public static let uploaded = Self(rawValue: "Uploaded")
    public static let processing = Self(rawValue: "Processing")
    public static let processed = Self(rawValue: "Processed")
    public static let publishing = Self(rawValue: "Publishing")
    public static let published = Self(rawValue: "Published")
    public static let error = Self(rawValue: "Error")
    public static let flagged = Self(rawValue: "Flagged")
    public static let banned = Self(rawValue: "Banned")
    public static let pendingDelete = Self(rawValue: "PendingDelete")
    public static let deleted = Self(rawValue: "Deleted")

    public static let listed = [
        none, pendingUpload, uploaded, processing, processed, publishing, published, error, flagged, banned,
        pendingDelete, deleted,
    ]

    /// What a caller does about a state.
    public enum Outlook: Hashable, Sendable {
        /// Blocks are still missing.
        case waitingForBlocks
        /// The service has everything and is at work: ask again later. Also for `None` and unknown states.
        case underWay
        case published
        /// `Error`, `Flagged`, `Banned`, `PendingDelete` or `Deleted`: it will not be published.
        case lost
    }

    public var outlook: Outlook {
        switch self {
        case .pendingUpload: .waitingForBlocks
        case .published: .published
        case .error, .flagged, .banned, .pendingDelete, .deleted: .lost
        default: .underWay
        }
    }
}
