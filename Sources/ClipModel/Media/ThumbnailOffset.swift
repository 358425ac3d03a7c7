/// Which moment of a clip its thumbnails show.
public enum ThumbnailOffset: Hashable, Sendable {
    /// After the first presented frame; below 0 counts as 0.
    case milliseconds(Int64)
    /// Hundredths of the duration, 0 to 100.
    case percent(Int)
    /// Where a chapter begins: the one of this title, whatever its letters' case; nil for the first one that does not
    /// begin with the clip.
    case chapter(String?)
    /// Where the picture is worth showing.
    case auto

    /// Reads what `description` writes: `3000`, `50%`, `chapter`, `chapter:Boss`, `auto`; nil for anything else.
    public init?(parsing text: String) {
        switch text {
        case "auto": self = .auto
        case "chapter": self = .chapter(nil)
        case _ where text.hasPrefix(Self.titlePrefix) && text != Self.titlePrefix:
            self = .chapter(String(text.dropFirst(Self.titlePrefix.count)))
        case _ where text.hasSuffix("%"):
            guard let percent = Self.number(text.dropLast(), most: 100) else { return nil }
            self = .percent(Int(percent))
        default:
            guard let milliseconds = Self.number(text[...], most: Self.mostMilliseconds) else { return nil }
            self = .milliseconds(milliseconds)
        }
    }

    /// What `init(parsing:)` takes, for messages.
    public static let expected =
        "milliseconds from 0 to \(mostMilliseconds), auto, chapter, chapter:TITLE or a percentage such as 50%"

    /// The services' offsets have 31 bits.
    public static let mostMilliseconds = Int64(Int32.max)

    private static let titlePrefix = "chapter:"

    public var isMilliseconds: Bool { if case .milliseconds = self { true } else { false } }

    private static func number(_ digits: Substring, most: Int64) -> Int64? {
        guard !digits.isEmpty, digits.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains),
            let number = Int64(digits), number <= most
        else { return nil }
        return number
    }
}

extension ThumbnailOffset: CustomStringConvertible {
    public var description: String {
        switch self {
        case .milliseconds(let milliseconds): "\(milliseconds)"
        case .percent(let percent): "\(percent)%"
        case .chapter(let title): title.map { Self.titlePrefix + $0 } ?? "chapter"
        case .auto: "auto"
        }
    }
}

/// A number for milliseconds, as it always was; text for the rest.
extension ThumbnailOffset: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do {
            self = .milliseconds(try container.decode(Int64.self))
        } catch DecodingError.typeMismatch {
            let text = try container.decode(String.self)
            guard let offset = Self(parsing: text) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "expected \(Self.expected)")
            }
            self = offset
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if case .milliseconds(let milliseconds) = self {
            try container.encode(milliseconds)
        } else {
            try container.encode(description)
        }
    }
}
