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
