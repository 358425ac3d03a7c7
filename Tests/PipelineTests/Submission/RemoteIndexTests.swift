import Foundation
import SystemIO
import TestSupport
import Testing
import Transport

@testable import Pipeline
@testable import XboxServices

/// A list of clips in pages of 100, each of which takes its time.
private final class SlowList: HTTPTransport {
    private let keys: [String]
    private let clock: ManualClock
    private let time: Duration
    private let seen = Locked<[String]>([])

    /// - Parameter time: What a page takes.
    init(_ keys: [String], _ clock: ManualClock, time: Duration = .seconds(4)) {
        self.keys = keys
        self.clock = clock
        self.time = time
    }

    /// Paths and continuation tokens.
    var requests: [String] { seen.withLock { $0 } }

    func perform(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        let url = request.url.text
        seen.withLock { $0.append(url) }
        clock.advance(by: time)
        guard url.contains("/clips?") else { return HTTPResponse(status: 404, headers: [:], body: Data()) }
        let token = url.firstRange(of: "continuationToken=").map { url[$0.upperBound...].prefix { $0 != "&" } }
        let start = token.flatMap { Int($0) } ?? 0
        let end = min(start + 100, keys.count)
        let clips = (start..<end).map { number in
            #"{"gameClipId": "id-\#(number)", "state": "Published", "#
                + #""systemProperties": "{\"clipship\": \"\#(keys[number])\"}"}"#
        }
        let next = end < keys.count ? #""\#(end)""# : "null"
        let body =
            #"{"gameClips": [\#(clips.joined(separator: ","))], "pagingInfo": {"continuationToken": \#(next)}}"#
        return HTTPResponse(status: 200, headers: [:], body: Data(body.utf8))
    }
}

@Suite(.timeLimit(.minutes(2))) struct RemoteIndexTests {
    private let clock = ManualClock(movesByItself: true)

    private func index(over list: SlowList) throws -> RemoteIndex {
        var settings = ServiceSettings()
        settings.clock = clock
        let session = try ServiceSession(
            ServiceEndpoints(metadata: try HTTPURL(parsing: "http://127.0.0.1:8080")), transport: list,
            tokens: FixedToken(try #require(Token("token"))), settings: settings)
        return RemoteIndex(GameClipsClient(session), Stopwatch(clock), Polling())
    }

    @Test func `whether clips are still there is one list for all of them, however long it takes`() async throws {
        let keys = (0..<250).map { "key-\($0)" }
        let list = SlowList(keys, clock)
        let index = try index(over: list)
        for (number, key) in keys.enumerated() {
            let found = try await index.clips(of: key, scid: "s", .ofThisRun)
            #expect(found.clips.map(\.gameClipId) == ["id-\(number)"])
        }
        #expect(try await index.clips(of: "another", scid: "s", .ofThisRun).clips.isEmpty)
        #expect(list.requests.count == 3, "three pages: \(list.requests)")
    }

    @Test func `before an id is asked for, the list is of a moment ago`() async throws {
        let list = SlowList(["key"], clock)
        let index = try index(over: list)
        _ = try await index.clips(of: "key", scid: "s", .ofThisRun)
        _ = try await index.clips(of: "other", scid: "s", .recent)
        #expect(list.requests.count == 1, "4 s old")
        clock.advance(by: .seconds(2))
        _ = try await index.clips(of: "other", scid: "s", .recent)
        #expect(list.requests.count == 2, "6 s old")
        _ = try await index.clips(of: "other", scid: "s", .new)
        #expect(list.requests.count == 3)
    }

    @Test func `a list that was begun ahead serves who asks soon, and is no newer than it is`() async throws {
        let list = SlowList(["key"], clock)
        let index = try index(over: list)
        await index.begin("s")
        await index.begin("s")
        #expect(try await index.clips(of: "key", scid: "s", .recent).clips.map(\.gameClipId) == ["id-0"])
        #expect(list.requests.count == 1)
        _ = try await index.clips(of: "key", scid: "s", .new)
        #expect(list.requests.count == 2)
    }

    @Test func `the first lists come at once, and from then on one in a second`() async throws {
        let list = SlowList(["key"], clock, time: .milliseconds(80))
        let index = try index(over: list)
        let stopwatch = Stopwatch(clock)
        let start = stopwatch.now
        for _ in 0..<4 { _ = try await index.clips(of: "key", scid: "s", .new) }
        #expect(stopwatch.now - start < .milliseconds(400))
        for _ in 0..<10 { _ = try await index.clips(of: "key", scid: "s", .new) }
        #expect(list.requests.count == 14)
        #expect(stopwatch.now - start > .seconds(10) && stopwatch.now - start < .seconds(14))
    }
}
