import CMicroHTTPD

/// A request's header fields as the library has them, and whether that is all of what came.
///
/// Libraries before 1.0 read a line up to its first NUL byte and take no notice of what is behind it; later ones refuse
/// such a line. The texts that they give out lie in the buffer of the bytes that came, where each line end was
/// overwritten with NUL, so what is hidden stands between the end of one text and the beginning of the next.
struct RequestHeader {
    private(set) var fields: [IncomingRequest.Field] = []
    private(set) var hidesBytes = false
    /// Behind the value of the last field, for as long as the library's texts are looked at.
    private var last: UnsafeRawPointer?
    /// Bytes of a line end, as the fields before the last have it.
    private var lineEnd = 1

    /// `MHD_get_version`
    static let readsUpToNUL = String(cString: MHD_get_version()).hasPrefix("0.")

    /// Takes in the next field.
    mutating func append(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        fields.append(.init(name: String(decoding: name, as: UTF8.self), value: String(decoding: value, as: UTF8.self)))
        guard Self.readsUpToNUL, let begin = name.baseAddress, let valueBegin = value.baseAddress else { return }
        if let last, Self.isLineEnd(from: last, to: begin) {
            lineEnd = begin - last
        } else if last != nil {
            // Or the name is somewhere else, put together from the lines of a folded field.
            hidesBytes = true
        }
        last = valueBegin + value.count
    }

    /// Looks behind the last field: there is its line end, and the empty line's. What comes then may be anything, so that
    /// NUL bytes at the end of that field are not seen.
    mutating func end() {
        if let last, !Self.isNUL(last, 2 * lineEnd) { hidesBytes = true }
        last = nil
    }

    /// Whether there is more in a request line than its target, the version of HTTP, and one space between them.
    static func hidesBytes(behind target: UnsafePointer<CChar>) -> Bool {
        guard readsUpToNUL else { return false }
        var end = UnsafeRawPointer(target)
        while end.load(as: UInt8.self) != 0 { end += 1 }
        return !zip(0..., "HTTP/".utf8).allSatisfy { end.load(fromByteOffset: 1 + $0, as: UInt8.self) == $1 }
    }

    /// CR LF or LF, as the library leaves them.
    private static func isLineEnd(from start: UnsafeRawPointer, to end: UnsafeRawPointer) -> Bool {
        (1...2).contains(end - start) && isNUL(start, end - start)
    }

    private static func isNUL(_ start: UnsafeRawPointer, _ count: Int) -> Bool {
        (0..<count).allSatisfy { start.load(fromByteOffset: $0, as: UInt8.self) == 0 }
    }
}
