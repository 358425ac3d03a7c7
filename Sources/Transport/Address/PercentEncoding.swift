/// Percent-encoding of RFC 3986.
enum PercentEncoding {
    /// `text` as one segment of a path: unreserved characters, `!$&'()*+,;=:@` stay as they are.
    static func segment(_ text: String) -> String {
        encode(text, keeping: "-._~!$&'()*+,;=:@")
    }

    /// `text` as the name or the value of a query's parameter: only unreserved characters stay, so that no
    /// reader can take a plus sign for a space.
    static func queryPart(_ text: String) -> String {
        encode(text, keeping: "-._~")
    }

    /// `text` with each `%XX` replaced by its byte; what is not one stays.
    static func decoded(_ text: some StringProtocol) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let value = hexValue(rest.prefix(2)) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func hexValue(_ digits: ArraySlice<UInt8>) -> UInt8? {
        guard digits.count == 2, digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }) else {
            return nil
        }
        return UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
    }

    private static func encode(_ text: String, keeping others: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            let character = Character(UnicodeScalar(byte))
            let isPlain = byte < 0x80 && (character.isLetter || character.isNumber)
            if isPlain || others.utf8.contains(byte) {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
