/// Text from outside between the tags, and within the double quotes, of HTML and XML.
public enum Markup {
    /// `text` with the five characters that mean something there as entities. What neither of them may have, and what
    /// turns the direction of the text that follows, becomes U+FFFD; line feeds and tabs stay.
    public static func escaped(_ text: String) -> String {
        guard text.utf8.contains(where: isSpecial) else { return text }
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            case "\n", "\t": escaped.unicodeScalars.append(scalar)
            default: escaped.unicodeScalars.append(contentsOf: scalar.shown)
            }
        }
        return escaped
    }

    private static func isSpecial(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte >= 0x7F || "&<>\"'".utf8.contains(byte)
    }
}
