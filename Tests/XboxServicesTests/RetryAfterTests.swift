import Foundation
import Testing
import Transport

@testable import XboxServices

@Suite struct RetryAfterTests {
    /// Sun, 06 Nov 1994 08:49:37 GMT
    private let now = Date(timeIntervalSince1970: 784_111_777)

    private func pause(_ headers: HTTPHeaders) -> Duration? {
        RetryAfter.pause(.init(status: 503, headers: headers), now: now)
    }

    @Test(arguments: [
        ("0", 0), ("7", 7), ("120", 120), ("99999999999999999999", 315_360_000),
        ("Sun, 06 Nov 1994 08:50:37 GMT", 60), ("Sunday, 06-Nov-94 08:50:37 GMT", 60),
        ("Sun Nov  6 08:50:37 1994", 60),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 0), ("Sat, 05 Nov 1994 08:49:37 GMT", 0),
        ("Mon, 07 Nov 1994 08:49:37 GMT", 86_400), ("Wed, 29 Feb 2040 00:00:00 GMT", 315_360_000),
    ])
    func `seconds and dates are read`(text: String, seconds: Int64) {
        #expect(pause(["retry-after": text]) == .seconds(seconds))
    }

    @Test(arguments: [
        "", "soon", "-1", "1.5", "٣", "Sun, 06 Nob 1994 08:50:37 GMT", "Sun, 06 Nov 1994 24:50:37 GMT",
    ])
    func `what is neither is not there`(text: String) {
        #expect(pause(["Retry-After": text]) == nil)
    }

    @Test func `without the field there is no pause`() {
        #expect(pause([:]) == nil)
    }

    @Test func `a date counts from the time of the host that wrote it`() {
        let headers: HTTPHeaders = [
            "Date": "Tue, 01 Jan 2030 00:00:00 GMT", "Retry-After": "Tue, 01 Jan 2030 00:00:30 GMT",
        ]
        #expect(pause(headers) == .seconds(30))
    }

    @Test(arguments: [
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("Tue, 29 Feb 2000 12:00:00 GMT", 951_825_600),
        ("Fri, 31 Dec 1999 23:59:59 GMT", 946_684_799), ("Mon, 01 Mar 2100 00:00:00 GMT", 4_107_542_400),
    ])
    func `dates are days of the Gregorian calendar`(text: String, seconds: Double) {
        #expect(HTTPDate.parse(text)?.timeIntervalSince1970 == seconds)
    }
}
