/// Colours of a terminal, or none.
struct Colour: Sendable {
    /// When there are any.
    enum Choice: String, CaseIterable, Sendable {
        case automatic = "auto"
        case always
        case never

        /// `NO_COLOR` (no-color.org) comes before `CLICOLOR_FORCE` (bixense.com/clicolors), and a flag before both.
        func isOn(onTerminal isTerminal: Bool, _ environment: [String: String]) -> Bool {
            switch self {
            case .always: return true
            case .never: return false
            case .automatic: break
            }
            if environment["NO_COLOR"].map({ !$0.isEmpty }) == true { return false }
            if environment["CLICOLOR_FORCE"].map({ !$0.isEmpty && $0 != "0" }) == true { return true }
            return isTerminal && environment["TERM"] != "dumb"
        }
    }

    var isOn: Bool

    func green(_ text: String) -> String { paint(text, 32) }
    func red(_ text: String) -> String { paint(text, 31) }
    func yellow(_ text: String) -> String { paint(text, 33) }
    func dim(_ text: String) -> String { paint(text, 2) }

    private func paint(_ text: String, _ code: Int) -> String {
        isOn && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }

    /// `text` without what `paint` has added.
    static func removed(from text: String) -> String {
        guard text.utf8.contains(0x1B) else { return text }
        var plain = ""
        var rest = text[...]
        while let start = rest.firstIndex(of: "\u{1B}") {
            plain += rest[..<start]
            rest = rest[start...].drop { $0 != "m" }.dropFirst()
        }
        return plain + rest
    }
}
