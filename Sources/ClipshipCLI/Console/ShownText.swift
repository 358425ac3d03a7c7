/// Text with words from outside, such as a service's or a file's name, made fit for a terminal.
enum ShownText {
    /// `text` with a replacement character for each control character but line feed and tab, so that nothing moves the
    /// cursor or gives the terminal orders.
    ///
    /// - Parameter keepsColours: Sequences that choose a colour stay as they are; they can do no harm.
    static func of(_ text: String, keepsColours: Bool) -> String {
        guard !text.utf8.allSatisfy(isPlain) else { return text }
        var shown = String.UnicodeScalarView()
        var rest = text.unicodeScalars[...]
        while let first = rest.first {
            if keepsColours, first == "\u{1B}", let colour = colour(at: rest) {
                shown.append(contentsOf: colour)
                rest = rest[colour.endIndex...]
                continue
            }
            let isControl = first.properties.generalCategory == .control && first != "\n" && first != "\t"
            shown.append(isControl ? "\u{FFFD}" : first)
            rest.removeFirst()
        }
        return String(shown)
    }

    /// Whether a byte is part of no control character: the ones beyond ASCII begin with 0xC2.
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 ? byte != 0x7F && byte != 0xC2 : byte == UInt8(ascii: "\n")
    }

    /// `ESC [ numbers m` at the start.
    private static func colour(at text: Substring.UnicodeScalarView) -> Substring.UnicodeScalarView? {
        guard text.dropFirst().first == "[" else { return nil }
        let rest = text.dropFirst(2).drop { ("0"..."9").contains($0) || $0 == ";" }
        guard rest.first == "m" else { return nil }
        return text[..<rest.index(after: rest.startIndex)]
    }
}
