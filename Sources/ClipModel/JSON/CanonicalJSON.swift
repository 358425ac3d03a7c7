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

    /// The bytes of such a document in pieces: its list of one member may be too long to be encoded at once.
    ///
    /// - Parameters:
    ///   - frame: All of it, with an empty list.
    ///   - member: The list's name in the outermost object.
    ///   - elements: What is in the list.
    ///   - body: Is given one piece after the other.
    public static func document<Element: Encodable>(
        _ frame: some Encodable, filling member: String, with elements: [Element], _ body: (Data) throws -> Void
    ) throws {
        let frame = try document(frame)
        // No other line begins like this: within a string a line feed is escaped, and what is nested is indented further.
        guard !elements.isEmpty else { return try body(frame) }
        guard let list = frame.firstRange(of: Data("\n  \"\(member)\" : [\n".utf8)) else {
            let reason = "there is no list called \(member) for \(elements.count) elements"
            throw EncodingError.invalidValue(elements, .init(codingPath: [], debugDescription: reason))
        }
        try body(frame[..<list.upperBound])
        for start in stride(from: 0, to: elements.count, by: piece) {
            let part = elements[start..<min(start + piece, elements.count)]
            try body(
                (start == 0 ? Data() : Data(",\n".utf8)) + indented(try document(Array(part)).dropFirst(2).dropLast(3)))
        }
        try body(frame[list.upperBound...])
    }

    private static let piece = 500

    private static func indented(_ lines: Data) -> Data {
        var indented = Data(capacity: lines.count * 5 / 4)
        var isAtStart = true
        for byte in lines {
            if isAtStart, byte != UInt8(ascii: "\n") { indented.append(contentsOf: [0x20, 0x20]) }
            indented.append(byte)
            isAtStart = byte == UInt8(ascii: "\n")
        }
        return indented
    }

    /// For requests and for one object a line: no white space, no line feed.
    public static func line(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }
}
