/// A number of bytes. Prints in decimal units, as the services count: 1 MB is 1,000,000 bytes.
public struct ByteCount: Hashable, Comparable, Sendable {
    public var bytes: Int64

    public init(_ bytes: Int64) {
        self.bytes = bytes
    }

    /// Reads `2000000`, `2MB`, `1.5 GB`, `512kB`, `64KiB`, `1MiB`, exactly; nil for anything else, a negative amount, a
    /// fraction of a byte, or more than an `Int64` holds.
    public init?(parsing text: some StringProtocol) {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let suffix = text[digits.endIndex...].drop { $0 == " " }.lowercased()
        guard let unit = Self.units[suffix], let bytes = DecimalNumber(parsing: digits)?.times(unit) else { return nil }
        self.bytes = bytes
    }

    private static let units: [String: Int64] = [
        "": 1, "b": 1,
        "kb": 1_000, "mb": 1_000_000, "gb": 1_000_000_000,
        "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30,
    ]

    public static func < (a: Self, b: Self) -> Bool { a.bytes < b.bytes }
}

extension ByteCount {
    /// The amount so that `init(parsing:)` reads the same one, in the largest decimal unit that leaves at least 1, such as
    /// `1.96MB`; a negative one in bytes.
    public var exactText: String {
        let steps = [(9, "GB"), (6, "MB"), (3, "kB")]
        var unit: Int64 = 1_000_000_000
        for (digits, name) in steps {
            if bytes >= unit { return DecimalNumber.text(bytes, shiftedBy: digits) + name }
            unit /= 1_000
        }
        return "\(bytes)"
    }
}

extension ByteCount: Codable {
    /// The number of bytes.
    public init(from decoder: any Decoder) throws {
        bytes = try decoder.singleValueContainer().decode(Int64.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(bytes)
    }
}

extension ByteCount: CustomStringConvertible {
    /// For tables: the amount with one decimal in the largest unit that leaves at least 1 when it is rounded, such as
    /// `12.3 MB`.
    public var description: String {
        let steps: [(Int64, String)] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")]
        for (unit, name) in steps where bytes >= unit - unit / 20_000 {
            let tenths = Int64((Double(bytes) / Double(unit) * 10).rounded())
            return "\(tenths / 10).\(tenths % 10) \(name)"
        }
        return "\(bytes) B"
    }
}
