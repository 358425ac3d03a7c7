import ClipModel
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import LocalService

@Suite(.serialized) struct FaultTests {
    private let data = Samples.bytes(300_000)

    private func plan(_ change: (inout FaultPlan.Rule) -> Void) -> FaultPlan {
        var rule = FaultPlan.Rule([.block])
        rule.name = "fault"
        rule.selection = .nth([1])
        change(&rule)
        return FaultPlan([rule])
    }

    /// The request that sends `data` as the only block of a clip.
    private func putRequest(_ clip: Harness.Begun, _ harness: Harness) -> Data {
        let path = clip.uploadUri.dropFirst(harness.address.baseURL.count)
        let head = """
            PUT \(path)?blockNum=0&uploadId=\(clip.id) HTTP/1.1\r
            Host: a\r
            Authorization: Xauth=\(harness.service.developerToken)\r
            Content-Length: \(data.count)\r
            \r

            """
        return Data(head.utf8) + data
    }

    private func begin(_ harness: Harness) async throws -> Harness.Begun {
        try await harness.begin(Samples.request(fileSize: data.count, blocks: 1))
    }

    private func logged(_ harness: Harness, _ route: ServiceRoute = .block) async throws -> LoggedRequest {
        try await eventually { harness.service.requests(RequestQuery(route: route)).first }
    }

    @Test func `a status is answered instead of carrying the call out`() async throws {
        let body = #"{"errorCode": 5300}"#
        try await Harness.run {
            $0.faults = plan { $0.act = .answer(status: 503, retryAfter: .seconds(7), body: body) }
        } _: { harness in
            let clip = try await begin(harness)
            let answer = try await harness.put(data, block: 0, of: clip)
            expect(answer, is: 503)
            #expect(answer.headers["retry-after"] == "7" && answer.text == body)
            #expect(try await harness.clip(clip.id)["state"] as? String == "PendingUpload")
            let request = try await logged(harness)
            #expect(request.status == 503 && request.retryAfter == "7" && request.fault == "fault")
            #expect(!request.stored && request.bytesReceived == 300_000 && request.clip == clip.id)
            expect(try await harness.put(data, block: 0, of: clip), is: 201)
            let all = harness.service.requests(RequestQuery(route: .block, clip: clip.id, block: 0))
            #expect(all.map(\.stored) == [false, true] && all.map(\.fault) == ["fault", nil])
        }
    }

    @Test(arguments: [301, 307])
    func `a redirect leads to where the plan says, or to where the request was going`(status: Int) async throws {
        try await Harness.run {
            $0.faults = plan {
                $0.selection = .nth([1, 3])
                $0.act = .answer(status: status)
            }
            $0.faults.rules[0].calls = [.clip]
        } _: { harness in
            let clip = try await begin(harness)
            let url = harness.url(ofClip: clip.id) + "?a=%20b"
            let moved = try await harness.get(url)
            #expect(moved.status == status)
            #expect(moved.headers["location"] == String(url.dropFirst(harness.address.baseURL.count)))
            expect(try await curl(harness.headers + ["--location", url]), is: 200)
            expect(try await curl(harness.headers + ["--location", url]), is: 200)
            var elsewhere = FaultPlan([FaultPlan.Rule([.clip], .answer(status: 307, location: "http://a.b{target}"))])
            elsewhere.rules[0].times = 1
            harness.service.setFaults(elsewhere)
            let away = try await harness.get(url)
            #expect(away.headers["location"] == "http://a.b" + url.dropFirst(harness.address.baseURL.count))
        }
    }

    @Test func `Retry-After as a date is by the service's clock, and so is Date`() async throws {
        try await Harness.run {
            $0.clock = MovableClock(standingAt: Timestamp(seconds: 784_111_777))
            $0.faults = plan { ($0.calls, $0.act) = (nil, .answer(status: 503, retryAfter: .date(8))) }
        } _: { harness in
            let answer = try await harness.get(harness.clips)
            #expect(answer.headers["date"] == "Sun, 06 Nov 1994 08:49:37 GMT")
            #expect(answer.headers["retry-after"] == "Sun, 06 Nov 1994 08:49:45 GMT")
        }
    }

    @Test func `a client that waits for 100 Continue gets the status and sends nothing`() async throws {
        try await Harness.run {
            $0.faults = plan { $0.act = .answer(status: 503) }
        } _: { harness in
            let clip = try await begin(harness)
            let query = "blockNum=0&uploadId=\(clip.id)"
            expect(
                try await harness.put(data, to: clip.uploadUri, query, more: ["-H", "Expect: 100-continue"]), is: 503)
            #expect(try await logged(harness).bytesReceived == 0)
        }
    }

    @Test func `a call may be carried out and yet be answered with a failure`() async throws {
        try await Harness.run {
            $0.faults = plan {
                ($0.calls, $0.act) = ([.initialUpload], .answer(status: 500, afterEffect: true))
            }
        } _: { harness in
            expect(try await harness.initialUpload(Samples.request(fileSize: 10)), is: 500)
            let request = try await logged(harness, .initialUpload)
            #expect(request.stored && request.status == 500)
            let clips = try await harness.get(harness.clips).json["gameClips"] as? [[String: Any]]
            #expect(clips?.map { $0["gameClipId"] as? String } == [request.clip])
        }
    }

    @Test(arguments: FaultPlan.FaultPoint.allCases, [false, true])
    func `a connection is closed or reset where the plan says`(place: FaultPlan.FaultPoint, isReset: Bool) async throws
    {
        try await Harness.run {
            $0.faults = plan { $0.act = isReset ? .reset(place) : .close(place) }
        } _: { harness in
            let clip = try await begin(harness)
            let talk = try await RawConnection.talk(putRequest(clip, harness), port: harness.address.port)
            #expect(talk.text == "")
            // A connection that is closed with bytes unread is reset by the system.
            if isReset || place != .midBody { #expect(talk.wasReset == isReset) }
            let request = try await logged(harness)
            #expect(request.status == nil && request.stored == (place == .afterStored))
            if place == .midBody {
                #expect((150_000..<300_000).contains(request.bytesReceived))
            } else {
                #expect(request.bytesReceived == 300_000)
            }
            if place == .afterStored {
                let published = try await harness.wait(for: "Published", of: clip.id)
                #expect(try await harness.download(published).body == data)
            } else {
                #expect(try await harness.clip(clip.id)["state"] as? String == "PendingUpload")
                let blocks = harness.folder.appending(path: "data/uploads/\(clip.id)").path
                #expect(try FileManager.default.contentsOfDirectory(atPath: blocks) == [])
            }
        }
    }

    @Test func `an answer breaks off in the middle of its body, or of its head where it has none`() async throws {
        try await Harness.run {
            $0.faults = plan { ($0.calls, $0.act) = (nil, .truncateAnswer) }
            $0.faults.rules[0].selection = .all
        } _: { harness in
            await #expect(throws: CurlFailure.self) { try await begin(harness) }
            harness.service.setFaults(FaultPlan())
            let clip = try await begin(harness)
            harness.service.setFaults(FaultPlan([FaultPlan.Rule(nil, .truncateAnswer)]))
            let talk = try await RawConnection.talk(putRequest(clip, harness), port: harness.address.port)
            #expect(talk.text == "HTTP/1.1 201")
            harness.service.setFaults(FaultPlan())
            let published = try await harness.wait(for: "Published", of: clip.id)
            harness.service.setFaults(FaultPlan([FaultPlan.Rule(nil, .truncateAnswer)]))
            let download = try await #require(throws: CurlFailure.self) {
                try await harness.download(published, ["--http1.1"])
            }
            #expect(download.status == 18)
            try await eventually {
                harness.service.requests(RequestQuery(route: .download)).first?.bytesSent == 150_000 ? () : nil
            }
            #expect(harness.service.requests.filter(\.stored).map(\.route) == [.initialUpload, .initialUpload, .block])
        }
    }

    @Test func `an answer is not JSON, and the call was carried out`() async throws {
        try await Harness.run {
            $0.faults = plan { ($0.calls, $0.act) = ([.initialUpload], .malformedAnswer) }
        } _: { harness in
            let answer = try await harness.initialUpload(Samples.request(fileSize: 10))
            expect(answer, is: 200)
            #expect(answer.headers["content-type"]?.hasPrefix("application/json") ?? false)
            #expect(throws: (any Error).self) { try answer.json }
            #expect(try await logged(harness, .initialUpload).stored)
        }
    }

    @Test func `answers are held back by the service's clock, and hold no thread`() async throws {
        let clock = MovableClock(standingAt: Timestamp(seconds: 1_700_000_000))
        try await Harness.run {
            $0.clock = clock
            $0.faults = plan { ($0.delay, $0.selection) = (.seconds(3_600), .all) }
        } _: { harness in
            let clips = try await (0..<12).asyncMap { _ in try await begin(harness) }
            try await withThrowingTaskGroup(of: Int.self) { group in
                for clip in clips { group.addTask { try await harness.put(data, block: 0, of: clip).status } }
                let held = RequestQuery(route: .block)
                try await eventually { harness.service.requests(held).count(where: \.stored) == 12 ? () : nil }
                expect(try await harness.get(harness.clips), is: 200)
                await clock.advance(by: .seconds(3_599))
                #expect(harness.service.requests(held).allSatisfy { $0.status == nil && $0.answered == nil })
                await clock.advance(by: .seconds(1))
                let statuses = try await group.reduce(into: []) { $0.append($1) }
                #expect(statuses == Array(repeating: 201, count: 12))
            }
        }
    }

    @Test func `a body is read no faster than the plan has it`() async throws {
        let clock = MovableClock(standingAt: Timestamp(seconds: 1_700_000_000))
        try await Harness.run {
            $0.clock = clock
            $0.idleTimeout = 1_000_000
            $0.faults = plan { $0.throttle = 10_000 }
        } _: { harness in
            let clip = try await begin(harness)
            let answer = try await moving(clock, by: .seconds(1)) { try await harness.put(data, block: 0, of: clip) }
            expect(answer, is: 201)
            let request = try await logged(harness)
            let answered = try #require(request.answered)
            #expect(request.time.duration(to: answered) >= .seconds(29))
        }
    }

    @Test func `a stalled connection is closed after the idle time-out, with nothing stored`() async throws {
        let clock = MovableClock(standingAt: Timestamp(seconds: 1_700_000_000))
        try await Harness.run {
            $0.clock = clock
            $0.faults = plan { $0.act = .stall }
        } _: { harness in
            let clip = try await begin(harness)
            async let talk = RawConnection.talk(putRequest(clip, harness), port: harness.address.port)
            try await eventually { try await logged(harness).bytesReceived > 0 ? () : nil }
            await clock.advance(by: .seconds(59))
            #expect(try await logged(harness).answered == nil)
            await clock.advance(by: .seconds(1))
            let text = try await talk.text
            #expect(text == "")
            let request = try await eventually {
                let request = try await logged(harness)
                return request.answered == nil ? nil : request
            }
            #expect(!request.stored && request.bytesReceived < 300_000)
        }
    }

    @Test func `a client that leaves a stalled or late call is noticed without the clock`() async throws {
        try await Harness.run {
            $0.faults = plan { $0.act = .stall }
        } _: { harness in
            let clip = try await begin(harness)
            let connection = try RawConnection(port: harness.address.port)
            // Little enough for the system's buffers: behind more the end of the stream would not get through.
            try connection.send(putRequest(clip, harness).prefix(152_000))
            try await eventually { try await logged(harness).bytesReceived > 0 ? () : nil }
            try connection.finish()
            try await eventually { try await logged(harness).answered == nil ? nil : () }
            #expect(try await logged(harness).status == nil)
        }
    }

    @Test func `stopping the service lets held calls go on at once`() async throws {
        let start = ContinuousClock.now
        try await Harness.run {
            $0.faults = plan { ($0.calls, $0.delay) = ([.list], .seconds(3_600)) }
        } _: { harness in
            async let answer = harness.get(harness.clips)
            try await eventually { harness.service.requests.isEmpty ? nil : () }
            await harness.service.stop()
            expect(try await answer, is: 200)
        }
        #expect(ContinuousClock.now - start < .seconds(15))
    }

    @Test func `the same seed makes the same blocks fail, in whichever order they come`() async throws {
        let plan = FaultPlan([rule(probability: 0.4)], seed: 11)
        let blocks = Samples.blocks(Samples.bytes(2_000), of: 100)
        var failed: [Set<Int>] = []
        for order in [Array(blocks.indices), blocks.indices.reversed()] {
            try await Harness.run({ $0.faults = plan }) { harness in
                let clip = try await harness.begin(Samples.request(fileSize: 2_000, blocks: 20))
                var set: Set<Int> = []
                for number in order
                where try await harness.put(blocks[number], block: number, of: clip).status == 503 {
                    set.insert(number)
                }
                failed.append(set)
            }
        }
        #expect(failed[0] == failed[1] && (2...15).contains(failed[0].count))
    }

    private func rule(probability: Double) -> FaultPlan.Rule {
        var rule = FaultPlan.Rule([.block], .answer(status: 503))
        rule.selection = .probability(probability)
        return rule
    }
}

/// Moves the clock again and again until `body` is done.
func moving<Result: Sendable>(
    _ clock: MovableClock, by step: Duration, isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws -> Result
) async throws -> Result {
    let mover = Task.detached {
        while !Task.isCancelled { await clock.advance(by: step) }
    }
    defer { mover.cancel() }
    return try await body()
}

extension Sequence {
    func asyncMap<Value>(_ transform: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await transform(element)) }
        return values
    }
}
