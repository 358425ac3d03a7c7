import ClipModel

/// Text from outside, such as a file's, a worker's or a service's, made fit to be shown.
///
/// What steers a terminal, breaks a line or turns the direction of what follows becomes U+FFFD.
public enum TerminalText {
    /// Unicode scalars of what is shown within a line.
    public static let longest = 1_000

    /// For a message, which may have several lines: line feeds and tabs stay.
    ///
    /// - Parameter keepsColours: Sequences that choose a colour stay as they are; they can do no harm.
    public static func message(_ text: String, keepsColours: Bool = false) -> String {
        guard !text.utf8.allSatisfy(isPlain) else { return text }
        var shown = String.UnicodeScalarView()
        var rest = text.unicodeScalars[...]
        while let first = rest.first {
            if keepsColours, first == "\u{1B}", let colour = colour(at: rest) {
                shown.append(contentsOf: colour)
                rest = rest[colour.endIndex...]
                continue
            }
            shown.append(contentsOf: first == "\n" || first == "\t" ? [first] : first.shown)
            rest.removeFirst()
        }
        return String(shown)
    }

    /// For a cell of a table, or a place within a sentence: line breaks and tabs become spaces.
    ///
    /// - Parameter most: Unicode scalars; what comes behind is cut off.
    public static func onOneLine(_ text: String, most: Int = longest) -> String {
        var shown = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(most) {
            let isSpace = scalar == "\n" || scalar == "\t" || scalar == "\r"
            shown.append(contentsOf: isSpace ? [" "] : scalar.shown)
        }
        return String(shown)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x20...0x7E).contains(byte) || byte == UInt8(ascii: "\n")
    }

    /// `ESC [ numbers m` at the start.
    private static func colour(at text: Substring.UnicodeScalarView) -> Substring.UnicodeScalarView? {
        guard text.dropFirst().first == "[" else { return nil }
        let rest = text.dropFirst(2).drop { ("0"..."9").contains($0) || $0 == ";" }
        guard rest.first == "m" else { return nil }
        return text[..<rest.index(after: rest.startIndex)]
    }
}

extension Unicode.Scalar {
    /// As it is, or what is shown in its place: `\xE4` for a byte of a file's name that is no text.
    var shown: [Unicode.Scalar] {
        if let byte = EscapedByte.byte(self) {
            return Array("\\x\(String(byte, radix: 16, uppercase: true))".unicodeScalars)
        }
        return [isFit ? self : "\u{FFFD}"]
    }

    /// Whether it only shows something. The two joiners are format characters, and parts of words and emoji.
    var isFit: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: false
        case .format: self == "\u{200C}" || self == "\u{200D}"
        default: !properties.isNoncharacterCodePoint
        }
    }
}

extension String {
    /// Whether there is text in it that a terminal would not show but obey: C0, DEL and C1.
    public var hasControlCharacters: Bool { unicodeScalars.contains { $0.properties.generalCategory == .control } }
}
