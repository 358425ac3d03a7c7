import SystemIO
import ClipModel
import Foundation
import Testing
import Transport

@testable import XboxServices

@Suite struct ClipCallsTests {
    @Test func `a clip is read with what nobody listed`() async throws {
        let bench = try Bench(
            .status(200, [:], #"{"gameClip": {"id": "x", "state": "Brewing", "shareCount": 3}, "etc": 1}"#))
        let clip = try await bench.clips.clip("a b", owner: .xuid(123_456_789), scid: "0-70")
        #expect(clip.identifier == "x")
        #expect(clip.state == GameClipState(rawValue: "Brewing"))
        #expect(clip.others == ["shareCount": 3])
        let sent = try #require(bench.transport.requests.first)
        #expect(sent.method == .get)
        #expect(sent.headers["Cache-Control"] == "no-cache", "the reference requires it")
        #expect(sent.url.text == "http://127.0.0.1:8080/users/xuid(123456789)/scids/0-70/clips/a%20b")
    }

    @Test func `an answer that broke off is fetched again, a whole one that is no JSON or of another shape is not`()
        async throws
    {
        let damaged = try Bench(.lost(.connectionLost, sent: true), .status(200, [:], #"{"gameClip": {}}"#))
        _ = try await damaged.clips.clip("a", scid: "s")
        #expect(damaged.transport.requests.count == 2)
        // Such as the reference's own sample of /batch, or the page of a proxy.
        let text = try Bench(.status(200, [:], #"{"gameClip": {"clipName": "a",},}"#))
        let noJSON = try await failure { try await text.clips.clip("a", scid: "s") }
        guard case .notJSON = noJSON.kind else { throw noJSON }
        #expect(noJSON.recovery == .giveUp && text.transport.requests.count == 1)
        let other = try Bench(.status(200, [:], #"{"gameClip": {"views": "many"}}"#))
        let failure = try await failure { try await other.clips.clip("a", scid: "s") }
        #expect("\(failure)".contains("\"gameClip.views\" is not a whole number"))
        #expect(other.transport.requests.count == 1)
    }

    @Test(arguments: [
        (ClipList(owner: .me, .title(77)), "/users/me/titles/77/clips"),
        (ClipList(owner: .xuid(5), isSaved: true), "/users/xuid(5)/clips/saved"),
        (ClipList(owner: nil, .title(77), isSaved: true), "/public/titles/77/clips/saved"),
        (ClipList(owner: nil, .scid("s")), "/public/scids/s/clips"),
    ])
    func `each list has its path`(list: ClipList, path: String) async throws {
        let bench = try Bench(.status(200, [:], #"{"gameClips": []}"#))
        _ = try await bench.clips.clipPage(of: list)
        #expect(bench.transport.requests.first?.url.path == path)
    }

    @Test func `a page of a list takes less memory than any answer may`() async throws {
        let bench = try Bench(.status(200, [:], #"{"gameClips": []}"#))
        _ = try await bench.clips.clipPage(scid: "s")
        guard case .memory(let limit) = bench.transport.requests.first?.destination else {
            Issue.record("the page goes elsewhere")
            return
        }
        #expect(limit < HTTPDestination.usualLimit)
        // What the reference allows fits: a hundred clips with 10 KB of title data, all of it escaped.
        #expect(limit > 100 * (10_240 * 6 + 4_000))
    }

    @Test func `pages follow one another`() async throws {
        let bench = try Bench(
            .status(200, [:], #"{"gameClips": [{"id": "1"}], "pagingInfo": {"continuationToken": "t/1"}}"#),
            .status(200, [:], #"{"gameClips": [{"id": "2"}], "pagingInfo": {"continuationToken": null}}"#))
        var query = ClipQuery()
        query.skipItems = 5
        query.maxItems = 1
        query.order = .ascending
        query.types = GameClipTypes([.magicMoment, .achievement])
        query.qualifier = .views
        var ids: [String?] = []
        for try await page in bench.clips.clipPages(scid: "s", query) {
            ids += page.gameClips.map(\.identifier)
        }
        #expect(ids == ["1", "2"])
        let base = "http://127.0.0.1:8080/users/me/scids/s/clips?"
        let rest = "maxItems=1&order=A&type=MagicMoment%2C%20Achievement&qualifier=views"
        #expect(
            bench.transport.requests.map(\.url.text) == [
                base + "skipItems=5&" + rest, base + "continuationToken=t%2F1&" + rest,
            ])
    }

    @Test func `without paging information there is one page`() async throws {
        let bench = try Bench(.status(200, [:], #"{"gameClips": []}"#))
        var count = 0
        for try await _ in bench.clips.clipPages(owner: .xuid(1), scid: nil) { count += 1 }
        #expect(count == 1)
        #expect(bench.transport.requests[0].url.text == "http://127.0.0.1:8080/users/xuid(1)/clips")
    }

    @Test func `pages that go in circles end`() async throws {
        let bench = try Bench(
            .status(200, [:], #"{"gameClips": [], "pagingInfo": {"continuationToken": "t"}}"#))
        let failure = try await failure {
            for try await _ in bench.clips.clipPages(scid: "s") {}
        }
        guard case .pagesRepeat = failure.kind else { throw failure }
    }

    @Test(arguments: [("", 200), (Array(repeating: #"{"gameClipId": "g"}"#, count: 1_000).joined(separator: ","), 200)])
    func `pages that do not end are given up`(clip: String, pages: Int) async throws {
        let transport = ScriptedTransport { _, number in
            .status(
                200, [:], #"{"gameClips": [\#(clip)], "pagingInfo": {"continuationToken": "t\#(number)"}}"#)
        }
        let failure = try await failure { for try await _ in try Bench(transport).clips.clipPages(scid: "s") {} }
        guard case .pagesDoNotEnd(pages) = failure.kind else { throw failure }
        #expect(transport.requests.count == pages)
    }

    @Test func `pages that are large are given up sooner, whatever is in them`() async throws {
        let more = String(repeating: "x", count: 8 << 20)
        let transport = ScriptedTransport { _, number in
            .status(
                200, [:],
                #"{"gameClips": [{"titleData": "\#(more)"}], "pagingInfo": {"continuationToken": "t\#(number)"}}"#)
        }
        let failure = try await failure { for try await _ in try Bench(transport).clips.clipPages(scid: "s") {} }
        guard case .pagesDoNotEnd(8) = failure.kind else { throw failure }
    }

    @Test(arguments: [(204, ClipDeletion.deleted), (404, .alreadyGone)])
    func `deleting what is gone is no failure`(status: Int, outcome: ClipDeletion) async throws {
        let bench = try Bench(.lost(.connectionLost, sent: true), .status(status))
        #expect(try await bench.clips.deleteClip("id", scid: "s") == outcome)
        #expect(bench.transport.requests[0].method == .delete)
    }

    @Test func `only what is given is changed`() async throws {
        let bench = try Bench(.status(200))
        try await bench.clips.updateClip("id", scid: "s", ClipUpdate(visibility: .owner))
        let sent = bench.transport.requests[0]
        #expect(sent.method == .post)
        guard case .bytes(let body) = sent.body else { throw UnexpectedSuccess() }
        #expect(String(decoding: body, as: UTF8.self) == #"{"visibility":"Owner"}"#)
    }
}

@Suite struct DownloadTests {
    private let file = Data((0..<100).map { UInt8($0) })

    /// A service with the file, whose connections break after some bytes.
    private func bench(
        breakingAfter pieces: [Int], honoursRange: Bool = true, tags: [String] = ["a"]
    ) throws -> Bench {
        try Bench(
            ScriptedTransport { [file] request, number in
                guard case .sink(let sink) = request.destination else { return .status(500) }
                var (start, end) = (0, file.count)
                let range = request.headers["Range"].map {
                    $0.dropFirst("bytes=".count).split(separator: "-")
                }
                if honoursRange, let range {
                    start = Int(range[0]) ?? 0
                    if range.count > 1 { end = min(end, (Int(range[1]) ?? 0) + 1) }
                }
                if start >= file.count { return .status(416) }
                var head = HTTPResponse.Head(status: honoursRange && range != nil ? 206 : 200)
                head.headers["ETag"] = tags[min(number, tags.count - 1)]
                if head.status == 206 {
                    head.headers["Content-Range"] = "bytes \(start)-\(end - 1)/\(file.count)"
                }
                let stop = number < pieces.count ? min(start + pieces[number], end) : end
                do {
                    // In two pieces.
                    for piece in [start..<(start + stop) / 2, (start + stop) / 2..<stop] {
                        try file[piece].withUnsafeBytes { try sink($0, head) }
                    }
                } catch {
                    return .lost(.sink(error), sent: true)
                }
                return stop < end
                    ? .lost(.connectionLost, sent: true) : .success(HTTPResponse(head: head, body: Data()))
            })
    }

    private func download(_ bench: Bench, from offset: Int64 = 0, count: Int64? = nil) async throws -> Data {
        let data = Locked(Data())
        let delivered = try await bench.clips.download("/file", from: offset, count: count) { chunk, place in
            data.withLock { data in
                #expect(place == offset + Int64(data.count))
                data.append(contentsOf: chunk)
            }
        }
        #expect(delivered == Int64(data.withLock { $0.count }))
        return data.withLock { $0 }
    }

    @Test(arguments: [true, false])
    func `a download goes on where it was, with a service that knows ranges and one that does not`(
        honoursRange: Bool
    ) async throws {
        let bench = try bench(breakingAfter: [30, 60, 5], honoursRange: honoursRange)
        #expect(try await download(bench) == file)
        #expect(bench.transport.requests.count == 4)
        #expect(bench.transport.requests[0].headers["Range"] == nil)
        #expect(bench.transport.requests[1].headers["Range"] == "bytes=30-")
    }

    @Test(arguments: [true, false])
    func `a part is fetched and nothing else`(honoursRange: Bool) async throws {
        let bench = try bench(breakingAfter: [7], honoursRange: honoursRange)
        #expect(try await download(bench, from: 20, count: 30) == file[20..<50])
        #expect(bench.transport.requests[0].headers["Range"] == "bytes=20-49")
    }

    @Test func `a file that was replaced on the way is refused`() async throws {
        let bench = try bench(breakingAfter: [30], tags: ["a", "b"])
        let failure = try await failure { try await download(bench) }
        guard case .wrongRange = failure.kind else { throw failure }
        #expect(failure.recovery == .giveUp)
    }

    @Test func `beyond the end there is nothing`() async throws {
        let bench = try bench(breakingAfter: [])
        let failure = try await failure { try await download(bench, from: 100) }
        #expect(failure.status == 416)
    }
}
