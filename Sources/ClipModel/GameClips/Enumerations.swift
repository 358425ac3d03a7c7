/// A string of the services with well-known values; values that the reference does not list are kept, never an error.
public protocol OpenEnumeration: RawRepresentable<String>, Codable, Hashable, Sendable, CustomStringConvertible {
    /// The values that the reference lists.
    static var listed: [Self] { get }
    init(rawValue: String)
}

extension OpenEnumeration {
    public var description: String { rawValue }
    public var isListed: Bool { Self.listed.contains(self) }
}

/// Why a clip was recorded. An upload carries one or more, comma-delimited: see `GameClipTypes`.
public struct GameClipType: OpenEnumeration {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Not valid for an upload.
    public static let none = Self(rawValue: "None")
    public static let metadataOnly = Self(rawValue: "MetadataOnly")
    public static let developerInitiated = Self(rawValue: "DeveloperInitiated")
    public static let magicMoment = Self(rawValue: "MagicMoment")
    public static let achievement = Self(rawValue: "Achievement")
    public static let userGenerated = Self(rawValue: "UserGenerated")

    public static let listed = [none, metadataOnly, developerInitiated, magicMoment, achievement, userGenerated]
}

/// A set of `GameClipType`, written as `MagicMoment, Achievement`.
public struct GameClipTypes: Hashable, Sendable, CustomStringConvertible {
    public var types: [GameClipType]

    public init(_ types: [GameClipType]) {
        self.types = types
    }

    public init(parsing text: String) {
        types = text.split(separator: ",").map { name in
            GameClipType(rawValue: String(name.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()))
        }
    }

    public var description: String {
        types.map(\.rawValue).joined(separator: ", ")
    }
}

extension GameClipTypes: Codable {
    public init(from decoder: any Decoder) throws {
        self.init(parsing: try decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// Who recorded a clip.
public struct GameClipSource: OpenEnumeration {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Not valid for an upload.
    public static let none = Self(rawValue: "None")
    public static let console = Self(rawValue: "Console")
    public static let titleDirect = Self(rawValue: "TitleDirect")
    public static let intermediate = Self(rawValue: "Intermediate")
    public static let userInitiated = Self(rawValue: "UserInitiated")

    public static let listed = [none, console, titleDirect, intermediate, userInitiated]
}

/// Who may see a clip.
public struct GameClipVisibility: OpenEnumeration {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Not valid for an upload.
    public static let none = Self(rawValue: "None")
    public static let `default` = Self(rawValue: "Default")
    public static let owner = Self(rawValue: "Owner")
    public static let title = Self(rawValue: "Title")
    public static let `public` = Self(rawValue: "Public")

    public static let listed = [none, `default`, owner, title, `public`]
}

/// Where a clip's thumbnails come from.
public struct ThumbnailSource: OpenEnumeration {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The service makes both from the frame at 3 seconds.
    public static let `default` = Self(rawValue: "Default")
    /// The service makes both from `thumbnailOffsetMillseconds`.
    public static let offset = Self(rawValue: "Offset")
    /// The client makes and uploads both.
    public static let upload = Self(rawValue: "Upload")

    public static let listed = [`default`, offset, upload]
}

/// The two thumbnails of a clip.
public struct ThumbnailType: OpenEnumeration {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    public static let large = Self(rawValue: "Large")
    public static let small = Self(rawValue: "Small")

    public static let listed = [large, small]
}

/// What a URI of a clip leads to.
public struct GameClipUriType: OpenEnumeration {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    public static let none = Self(rawValue: "None")
    public static let original = Self(rawValue: "Original")
    public static let download = Self(rawValue: "Download")
    public static let smoothStreaming = Self(rawValue: "SmoothStreaming")
    public static let ahls = Self(rawValue: "Ahls")

    public static let listed = [none, original, download, smoothStreaming, ahls]
}
