/// What is on a terminal after everything was written to it, as far as the program makes use of one: lines, colours,
/// the cursor going up, and erasing from there.
struct Screen {
    private(set) var lines: [String] = [""]
    private var row = 0

    init(_ text: String) {
        var rest = text.replacing("\r\n", with: "\n").unicodeScalars[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\u{1B}":
                rest.removeFirst()
                let number = rest.prefix { $0.properties.numericType != nil || $0 == ";" }
                rest = rest[number.endIndex...]
                perform(rest.popFirst(), Int(String(String.UnicodeScalarView(number))) ?? 1)
            case "\n":
                row += 1
                if row == lines.count { lines.append("") }
            default:
                lines[row].unicodeScalars.append(scalar)
            }
        }
        if lines.last == "" { lines.removeLast() }
    }

    private mutating func perform(_ command: Unicode.Scalar?, _ number: Int) {
        switch command {
        case "F": row = max(0, row - number)
        case "J":
            lines[row] = ""
            lines.removeSubrange((row + 1)...)
        default: break
        }
    }
}
