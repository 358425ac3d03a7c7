public import FoundationEssentials

/// A point in time as the services write it: UTC, ISO 8601, up to seven fractional digits.
public struct Timestamp: Hashable, Sendable {
    /// Whole seconds since 1970-01-01T00:00:00Z.
    public let seconds: Int64
    /// 100-nanosecond units after `seconds`, 0 to 9,999,999: the finest that the services print.
    public let ticks: Int32

    public init(seconds: Int64, ticks: Int32 = 0) {
        self.seconds = seconds
        self.ticks = min(max(ticks, 0), 9_999_999)
    }

    /// From a date, cut to 100 ns.
    public init(_ date: Date) {
        let whole = date.timeIntervalSince1970.rounded(.down)
        let fraction = date.timeIntervalSince1970 - whole
        self.init(seconds: Int64(whole), ticks: Int32(fraction * 10_000_000))
    }

    /// Reads `2013-05-08T21:32:17Z`, with an optional fraction (what goes beyond seven digits is cut) and `Z` or an
    /// offset such as `+02:00`; nil for anything else, a date that does not exist, or one without a zone.
    public init?(parsing text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: "t") else { return nil }
        var rest = bytes[19...]
        var ticks: Int32 = 0
        if rest.first == UInt8(ascii: ".") {
            let digits = rest.dropFirst().prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            guard !digits.isEmpty else { return nil }
            for position in 0..<7 {
                let digit = position < digits.count ? digits[digits.startIndex + position] - 48 : 0
                ticks = ticks * 10 + Int32(digit)
            }
            rest = bytes[digits.endIndex...]
        }
        let zone = String(decoding: rest, as: UTF8.self)
        let main = String(decoding: bytes[..<10], as: UTF8.self) + "T" + String(decoding: bytes[11..<19], as: UTF8.self)
        let style = Date.ISO8601FormatStyle(timeZone: .gmt)
        // Whatever it can't read is no time with a zone.
        guard let date = try? style.parse(main + zone.uppercased()),
            zone.uppercased() != "Z" || style.format(date) == main + "Z"
        else { return nil }
        self.init(seconds: Int64(date.timeIntervalSince1970.rounded()), ticks: ticks)
    }

    public var date: Date {
        Date(timeIntervalSince1970: Double(seconds) + Double(ticks) / 10_000_000)
    }
}

extension Timestamp: CustomStringConvertible {
    /// `2013-05-08T21:32:17.4201279Z`; the fraction only if there is one, without trailing zeros.
    public var description: String {
        let main = Date.ISO8601FormatStyle(timeZone: .gmt).format(Date(timeIntervalSince1970: Double(seconds)))
        guard ticks > 0 else { return main }
        var digits = String(ticks)
        digits = String(repeating: "0", count: 7 - digits.count) + digits
        while digits.hasSuffix("0") { digits.removeLast() }
        return main.dropLast() + "." + digits + "Z"
    }
}

extension Timestamp: Comparable {
    public static func < (a: Self, b: Self) -> Bool { (a.seconds, a.ticks) < (b.seconds, b.ticks) }
}

extension Timestamp: Codable {
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let value = Self(parsing: text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not an ISO 8601 time with a zone: \(text)"))
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
