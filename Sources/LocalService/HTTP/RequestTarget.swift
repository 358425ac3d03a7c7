import Support

/// What a request line asks for: path segments and query, percent-decoded.
struct RequestTarget: Hashable, Sendable {
    /// The path between its slashes; no segment has a control character or the parts `.` or `..` in it. One may have
    /// slashes that were percent-encoded, as in a session's id, and then names nothing but a session.
    let segments: [String]
    /// Name and value of each parameter, in order.
    let query: [Parameter]

    struct Parameter: Hashable, Sendable {
        let name: String
        let value: String
    }

    /// Reads a target such as `/a/b?c=d` or `http://host/a/b?c=d`; nil if it is malformed.
    init?(parsing raw: String) {
        var rest = raw[...]
        if !rest.hasPrefix("/"), let scheme = rest.firstRange(of: "://") {
            rest = rest[scheme.upperBound...]
            rest = rest.firstIndex(of: "/").map { rest[$0...] } ?? "/"
        }
        guard rest.hasPrefix("/") else { return nil }
        let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var segments: [String] = []
        for part in parts[0].dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard let segment = Self.decoded(part, plusIsSpace: false), Self.isPlain(segment) else {
                return nil
            }
            segments.append(segment)
        }
        var query: [Parameter] = []
        for pair in parts.dropFirst().first?.split(separator: "&") ?? [] {
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decoded(halves[0], plusIsSpace: true),
                let value = Self.decoded(halves.count > 1 ? halves[1] : "", plusIsSpace: true)
            else { return nil }
            query.append(Parameter(name: name, value: value))
        }
        self.segments = segments == [""] ? [] : segments
        self.query = query
    }

    /// As one text, for people; a slash within a segment is not told from one between two.
    var path: String { "/" + segments.joined(separator: "/") }

    /// Every value that the query has under a name; names are compared without case.
    func values(_ name: String) -> [String] {
        query.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }

    /// An empty segment is let through: it matches no route.
    private static func isPlain(_ segment: String) -> Bool {
        !segment.hasControlCharacters
            && !segment.split(separator: "/").contains { $0 == "." || $0 == ".." }
    }

    private static func decoded(_ text: Substring, plusIsSpace: Bool) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = hexValue(rest.popFirst()), let low = hexValue(rest.popFirst()) else {
                    return nil
                }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace:
                bytes.append(UInt8(ascii: " "))
            default:
                bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexValue(_ digit: UInt8?) -> UInt8? {
        guard let digit else { return nil }
        return Character(Unicode.Scalar(digit)).hexDigitValue.map(UInt8.init)
    }
}
