/// Text from a file or a worker, made fit to be shown.
enum CleanText {
    /// Characters.
    static let longest = 1000

    /// `text` cut to `longest`, with everything that steers a terminal or turns the direction of writing replaced.
    static func of(_ text: String) -> String {
        var clean = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(longest) {
            clean.append(isShown(scalar) ? scalar : "\u{FFFD}")
        }
        return String(clean)
    }

    private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: false
        default: true
        }
    }
}
