public import FoundationEssentials

/// The one way in which clipship writes JSON, so that equal values are equal bytes: members sorted by name, UTF-8,
/// slashes as they are.
public enum CanonicalJSON {
    /// For files that people read too: indented by two spaces, a line feed at the end.
    public static func document(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        var data = try encoder.encode(value)
        data.append(UInt8(ascii: "\n"))
        return data
    }

    /// For requests and for one object a line: no white space, no line feed.
    public static func line(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }
}
