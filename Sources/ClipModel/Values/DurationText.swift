/// Durations as people write them.
package enum DurationText {
    /// What `parse` takes, for messages.
    package static let expected = "a duration such as 250ms, 5s, 10m or 2h"

    /// Reads a number and its unit (`ms`, `s`, `m` or `h`), exactly; nil for anything else, a negative one, a fraction of a
    /// nanosecond, or more than a hundred years.
    package static func parse(_ text: String) -> Duration? {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard let number = DecimalNumber(parsing: digits),
            let unit = units.first(where: { $0.name == text.dropFirst(digits.count) }),
            let nanoseconds = number.times(unit.nanoseconds), nanoseconds <= longest
        else { return nil }
        return .nanoseconds(nanoseconds)
    }

    /// `duration` so that `parse` reads the same one: as a whole number of the largest unit that allows it, or else in
    /// milliseconds, such as `90s` or `0.5ms`.
    ///
    /// - Parameter duration: As `parse` gives them; what is finer than a nanosecond is cut, and negative ones are 0.
    package static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let (whole, overflow) = max(0, seconds).multipliedReportingOverflow(by: 1_000_000_000)
        let nanoseconds = overflow ? longest : min(min(whole, longest) + max(0, attoseconds) / 1_000_000_000, longest)
        let unit = units.last { nanoseconds > 0 && nanoseconds.isMultiple(of: $0.nanoseconds) }
        guard let unit else { return DecimalNumber.text(nanoseconds, shiftedBy: 6) + "ms" }
        return "\(nanoseconds / unit.nanoseconds)\(unit.name)"
    }

    /// Nanoseconds: a hundred years.
    private static let longest: Int64 = 36_525 * 86_400 * 1_000_000_000

    private static let units: [(name: String, nanoseconds: Int64)] = [
        ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000), ("h", 3_600_000_000_000),
    ]
}

/// How long ago something was, as people say it.
package enum AgeText {
    /// In the largest unit of which there are two or more: `45 s`, `90 min`, `30 h`, `3 d`.
    package static func words(for age: Duration) -> String {
        let seconds = max(0, age.components.seconds)
        return switch seconds {
        case ..<120: "\(seconds) s"
        case ..<7_200: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3_600) h"
        default: "\(seconds / 86_400) d"
        }
    }
}
