public import FoundationEssentials

/// Many pictures of one recording in one: a contact sheet for people, or a sprite for players.
public struct SheetRequest: Codable, Hashable, Sendable {
    /// 1 to `mostColumns`.
    public var columns: Int
    /// At most; 1 to `mostRows`.
    public var rows: Int
    /// Milliseconds from one picture to the next, at least: more where the clip would need more than `columns` times
    /// `rows`. Nil: as many pictures as there are places.
    public var everyMilliseconds: Int64?
    /// Small pictures without times on them, for a player that has the times in a file beside it.
    public var isSprite: Bool
    /// Each picture is the frame at its time, not the keyframe before.
    public var isExact: Bool
    /// JPEG quality, 1 to 100.
    public var quality: Int

    public static let mostColumns = 20
    public static let mostRows = 50

    /// - Parameters:
    ///   - columns: By default 4, or 10 of a sprite.
    ///   - rows: The same.
    public init(
        columns: Int? = nil, rows: Int? = nil, everyMilliseconds: Int64? = nil, isSprite: Bool = false,
        isExact: Bool = false, quality: Int = ThumbnailRequest.usualQuality
    ) {
        let usual = isSprite ? 10 : 4
        self.columns = min(max(columns ?? usual, 1), Self.mostColumns)
        self.rows = min(max(rows ?? usual, 1), Self.mostRows)
        self.everyMilliseconds = everyMilliseconds
        self.isSprite = isSprite
        self.isExact = isExact
        self.quality = quality
    }

    /// Pictures are scaled to fit in it.
    public var largestTile: PictureSize {
        isSprite ? PictureSize(width: 160, height: 90) : PictureSize(width: 320, height: 180)
    }
}

/// A sheet as it was made.
public struct RenderedSheet: Codable, Hashable, Sendable {
    /// Of each picture.
    public var tile: PictureSize
    public var columns: Int
    public var rows: Int
    /// From left to right, then from top to bottom.
    public var tiles: [Tile]
    /// A JPEG file of `columns` times `rows` pictures; places that are left over are black.
    public var jpeg: Data

    /// One picture.
    public struct Tile: Codable, Hashable, Sendable {
        /// Milliseconds after the first presented frame: the stretch that the picture stands for.
        public var start: Int64
        public var end: Int64
        /// When the frame is presented that it shows.
        public var frame: Int64

        public init(start: Int64, end: Int64, frame: Int64) {
            self.start = start
            self.end = end
            self.frame = frame
        }
    }

    public init(tile: PictureSize, columns: Int, rows: Int, tiles: [Tile], jpeg: Data) {
        self.tile = tile
        self.columns = columns
        self.rows = rows
        self.tiles = tiles
        self.jpeg = jpeg
    }

    /// Of the whole picture.
    public var size: PictureSize { PictureSize(width: tile.width * columns, height: tile.height * rows) }
}

extension RenderedSheet {
    /// The WebVTT file that says where the picture of each stretch is, as players read it: a media fragment
    /// (`#xywh=`) of the sheet.
    ///
    /// - Parameter name: Of the sheet's file, which is in the same folder.
    public func webVTT(of name: String) -> String {
        var text = "WEBVTT\n"
        for (index, cue) in tiles.enumerated() where columns > 0 {
            let (x, y) = (index % columns * tile.width, index / columns * tile.height)
            text += """

                \(Self.time(cue.start)) --> \(Self.time(cue.end))
                \(Self.reference(name))#xywh=\(x),\(y),\(tile.width),\(tile.height)

                """
        }
        return text
    }

    /// `01:02:03.456`; hours have two digits at least.
    static func time(_ milliseconds: Int64) -> String {
        func digits(_ number: Int64, _ count: Int) -> String {
            String(repeating: "0", count: max(0, count - String(number).count)) + String(number)
        }
        let seconds = milliseconds / 1000
        return "\(digits(seconds / 3600, 2)):\(digits(seconds / 60 % 60, 2)):\(digits(seconds % 60, 2))"
            + ".\(digits(milliseconds % 1000, 3))"
    }

    /// A relative reference to a file (RFC 3986): all but unreserved characters is escaped.
    private static func reference(_ name: String) -> String {
        let bytes = name.unicodeScalars.flatMap { character in
            EscapedByte.byte(character).map { [$0] } ?? Array(String(character).utf8)
        }
        return bytes.reduce(into: "") { text, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let hex = String(byte, radix: 16, uppercase: true)
                text += "%" + (hex.count < 2 ? "0" : "") + hex
            }
        }
    }
}
