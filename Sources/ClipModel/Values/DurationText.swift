/// Durations as people write them.
package enum DurationText {
    /// What `parse` takes, for messages.
    package static let expected = "a duration such as 250ms, 5s, 10m or 2h"

    /// Reads a number and its unit (`ms`, `s`, `m` or `h`); nil for anything else, a negative one, or more than a
    /// hundred years.
    package static func parse(_ text: String) -> Duration? {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard let number = Double(digits), let unit = units[String(text.dropFirst(digits.count))] else { return nil }
        let milliseconds = (number * unit).rounded()
        guard milliseconds <= 100 * 365.25 * 86_400_000 else { return nil }
        return .milliseconds(Int64(milliseconds))
    }

    private static let units: [String: Double] = ["ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000]
}
