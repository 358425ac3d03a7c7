import Support

/// Builds HTML from markup that stands in the code and text that comes from anywhere.
struct HTML {
    private(set) var text = ""

    /// Markup as it is; never anything from outside.
    mutating func markup(_ markup: StaticString) {
        markup.withUTF8Buffer { text += String(decoding: $0, as: UTF8.self) }
    }

    /// Text from outside, for between tags and in attributes with double quotes.
    mutating func add(_ other: String) {
        text += Markup.escaped(other)
    }

    mutating func add(_ number: some BinaryInteger) { text += String(number) }

    /// A file of the page's own, or bytes in base 64.
    mutating func raw(_ own: String) { text += own }
}

extension HTML {
    /// A relative address of a file: no part of it can be taken for a scheme or a host.
    static func address(ofFile path: String) -> String {
        let isPlain = { (byte: UInt8) in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "-._~/".utf8.contains(byte)
        }
        var address = path.hasPrefix("/") ? "" : "./"
        if path.hasPrefix("//") { address = "/." }
        for byte in path.utf8 {
            if isPlain(byte) {
                address.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                address += byte < 16 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return address
    }
}
