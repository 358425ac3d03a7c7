import FoundationEssentials
import Transport

/// `Retry-After` of RFC 9110, section 10.2.3: seconds, or a date.
enum RetryAfter {
    /// How long an answer asks to wait; nil without the field or if it can't be read.
    ///
    /// - Parameter now: counts for a date if the answer does not say with `Date` what time it is where it was
    ///   written.
    static func pause(_ head: HTTPResponse.Head, now: Date) -> Duration? {
        guard let text = head.headers["Retry-After"] else { return nil }
        if !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            // More digits than a number holds ask for more than anybody waits.
            return .seconds(min(Int64(text) ?? .max, longest))
        }
        guard let date = HTTPDate.parse(text) else { return nil }
        let reference = head.headers["Date"].flatMap { HTTPDate.parse($0) } ?? now
        let seconds = date.timeIntervalSince(reference).rounded(.up)
        return .seconds(Int64(min(max(seconds, 0), Double(longest))))
    }

    /// Seconds: ten years.
    private static let longest: Int64 = 315_360_000
}

/// The three forms of a date of RFC 9110, section 5.6.7.
enum HTTPDate {
    static func parse(_ text: String) -> Date? {
        let parts = text.split(whereSeparator: { $0 == " " || $0 == "," || $0 == "-" }).map(String.init)
        switch parts.count {
        // Sun, 06 Nov 1994 08:49:37 GMT; Sunday, 06-Nov-94 08:49:37 GMT
        case 6 where parts[5] == "GMT":
            return date(year: parts[3], month: parts[2], day: parts[1], time: parts[4])
        // Sun Nov  6 08:49:37 1994
        case 5: return date(year: parts[4], month: parts[1], day: parts[2], time: parts[3])
        default: return nil
        }
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func date(year: String, month: String, day: String, time: String) -> Date? {
        let clock = time.split(separator: ":").compactMap { Int($0) }
        guard var year = Int(year), let month = months.firstIndex(of: month), let day = Int(day),
            clock.count == 3,
            (1...31).contains(day), (0...23).contains(clock[0]), (0...59).contains(clock[1]),
            (0...60).contains(clock[2]), (0...9_999).contains(year)
        else { return nil }
        // Two digits: RFC 9110 takes what would be far ahead for the past.
        if year < 100 { year += year < 70 ? 2_000 : 1_900 }
        let days = daysSince1970(year: year, month: month + 1, day: day)
        return Date(
            timeIntervalSince1970: Double(days * 86_400 + clock[0] * 3_600 + clock[1] * 60 + clock[2]))
    }

    /// Days of the Gregorian calendar, counted in eras of 400 years from 0000-03-01.
    private static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
