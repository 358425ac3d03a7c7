import CLinux
import Glibc

/// How many columns of a terminal text takes: two for a Chinese character, none for an accent.
enum DisplayWidth {
    /// By `wcwidth(3)`, so that it is what the terminal counts; what it does not know takes one.
    static func of(_ text: some StringProtocol) -> Int {
        if text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return text.utf8.count }
        return inUTF8 { text.reduce(0) { $0 + columns(of: $1) } }
    }

    /// The first characters that take no more than `width` columns.
    static func prefix(_ text: String, _ width: Int) -> String {
        guard of(text) > width else { return text }
        return inUTF8 { String(text[..<end(in: text, width)]) }
    }

    /// `text`, or its beginning and its end with an ellipsis between them, in no more than `width` columns.
    static func shortened(_ text: String, to width: Int) -> String {
        guard of(text) > width else { return text }
        guard width > 1 else { return String(repeating: "…", count: max(0, width)) }
        return inUTF8 {
            let tail = (width - 1) / 2
            var (start, left) = (text.endIndex, tail)
            while start > text.startIndex {
                let before = text.index(before: start)
                left -= columns(of: text[before])
                guard left >= 0 else { break }
                start = before
            }
            return text[..<end(in: text, width - 1 - tail)] + "…" + text[start...]
        }
    }

    /// `text` with spaces behind it.
    static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - of(text)))
    }

    private static func end(in text: String, _ width: Int) -> String.Index {
        var left = width
        return text.firstIndex { character in
            left -= columns(of: character)
            return left < 0
        } ?? text.endIndex
    }

    private static func columns(of character: Character) -> Int {
        let sum = character.unicodeScalars.reduce(0) { sum, scalar in
            let width = Int(clinux_columns(scalar.value))
            return sum + (width < 0 ? 1 : width)
        }
        // A variation selector makes a picture of a narrow sign, which terminals draw in one column or two.
        return character.unicodeScalars.contains("\u{FE0F}") ? max(2, sum) : sum
    }

    /// The C library knows the widths of a locale's characters only (`uselocale`); the program's own stays as it is.
    private static func inUTF8<Value>(_ body: () -> Value) -> Value {
        guard let locale = utf8.locale else { return body() }
        let before = uselocale(locale)
        defer { uselocale(before) }
        return body()
    }

    /// `C.UTF-8`, which glibc has built in. It is never freed, and any number of threads may use it.
    private struct SharedLocale: @unchecked Sendable {
        let locale: locale_t?
    }

    private static let utf8 = SharedLocale(locale: newlocale(1 << LC_CTYPE, "C.UTF-8", nil))
}
