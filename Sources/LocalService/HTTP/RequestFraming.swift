/// Whether it is certain where a request ends, by RFC 9112, section 6: who reads a request's length in another way than
/// the server before us or behind us takes what is in a body for a request. What is not certain is refused before the
/// server goes by it, and the connection ends.
enum RequestFraming {
    /// Characters of the request target.
    static let longestTarget = 8_192
    static let mostParameters = 100
    /// Bytes of all header fields.
    static let largestFields = 32_768
    static let mostFields = 200

    /// Why a request is not taken; nil if it is.
    ///
    /// - Parameter hidesBytes: There is more in the head than target and fields show.
    static func refusal(target: String, fields: [IncomingRequest.Field], hidesBytes: Bool = false) -> Refusal? {
        guard !hidesBytes else { return .badRequest("there is a NUL byte in the head, or a field that is folded") }
        guard isShort(target) else { return Refusal(414, "the target is longer than \(longestTarget) bytes") }
        guard parameters(in: target) <= mostParameters else {
            return Refusal(414, "the target has more than \(mostParameters) parameters")
        }
        guard fields.count <= mostFields,
            fields.reduce(0, { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }) <= largestFields
        else {
            return Refusal(431, "the header has more than \(largestFields) bytes or \(mostFields) fields")
        }
        // A blank before the colon is part of the name here, and hides the field from whoever looks for it.
        for field in fields where !isToken(field.name) || !isText(field.value) {
            return .badRequest("a header field is not well-formed")
        }
        return refusal(of: values("content-length", fields), values("transfer-encoding", fields))
    }

    /// More parameters than the server has memory to take apart; it would leave the connection hanging.
    static func isTooMuch(target: String) -> Bool {
        parameters(in: target) > 4 * mostParameters
    }

    private static func refusal(of lengths: [String], _ codings: [String]) -> Refusal? {
        guard lengths.count <= 1, codings.count <= 1, lengths.isEmpty || codings.isEmpty else {
            return .badRequest("the body has more than one length")
        }
        // Digits only: no sign, no list.
        guard lengths.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else {
            return .badRequest("Content-Length is not a number")
        }
        guard codings.allSatisfy({ $0.lowercased() == "chunked" }) else {
            return Refusal(501, "the only transfer coding is chunked")
        }
        return nil
    }

    private static func values(_ name: String, _ fields: [IncomingRequest.Field]) -> [String] {
        fields.filter { $0.name.lowercased() == name }.map(\.value)
    }

    private static func isShort(_ target: String) -> Bool { target.utf8.count <= longestTarget }

    private static func parameters(in target: String) -> Int {
        target.utf8.count { $0 == UInt8(ascii: "&") } + 1
    }

    /// `token` of RFC 9110, section 5.6.2.
    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }

    /// No control character but the tab.
    private static func isText(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }
    }
}
