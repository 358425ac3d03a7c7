import ClipModel
import Foundation
import TestSupport
import Testing
import Transport

@testable import XboxServices

@Suite struct PausingTests {
    private static var clip: ScriptedTransport.Answer {
        .status(200, [:], #"{"gameClip": {}}"#)
    }

    @Test(arguments: [429, 503])
    func `Retry-After holds every caller of that service and no other`(status: Int) async throws {
        let clock = ManualClock(movesByItself: false)
        let bench = try Bench(
            ScriptedTransport { request, number in
                if request.method == .put { return .status(202) }
                return number == 0 ? .status(status, ["Retry-After": "30"]) : Self.clip
            }, clock: clock)
        let told = Task { try await bench.clips.clip("a", scid: "s") }
        await clock.sleepers(1)
        let others = (0..<3).map { _ in Task { try await bench.clips.clip("b", scid: "s") } }
        await clock.sleepers(4)
        // The bytes go to another service.
        _ = try await bench.clips.putBlock(0, to: "/up", clipID: "id", body: .none)
        #expect(bench.transport.requests.count == 2)

        clock.advance(by: .milliseconds(29_999))
        #expect(bench.transport.requests.count == 2)
        clock.advance(by: .milliseconds(1))
        _ = try await told.value
        for other in others { _ = try await other.value }
        #expect(bench.transport.requests.count == 6)
    }

    @Test func `a service without room is not asked again, and another run may`() async throws {
        let bench = try Bench(.status(507), Self.clip)
        let failure = try await failure { try await bench.clips.clip("a", scid: "s") }
        #expect(failure.recovery == .retry(after: nil) && failure.status == 507)
        #expect(bench.transport.requests.count == 1 && bench.clock.sleeps.isEmpty)
    }

    @Test func `a date in Retry-After is kept`() async throws {
        let bench = try Bench(.status(503, ["Retry-After": "Sun, 06 Nov 1994 08:50:07 GMT"]), Self.clip)
        _ = try await bench.clips.clip("a", scid: "s")
        #expect(bench.clock.sleeps == [.seconds(30)])
    }

    @Test func `a pause longer than the window is not waited for, by nobody`() async throws {
        let bench = try Bench(.status(503, ["Retry-After": "3600"]), Self.clip)
        let first = try await failure { try await bench.clips.clip("a", scid: "s") }
        #expect(first.recovery == .retry(after: .seconds(3_600)))
        let second = try await failure { try await bench.clips.clip("b", scid: "s") }
        guard case .paused = second.kind else { throw second }
        #expect(second.recovery == .retry(after: .seconds(3_600)))
        #expect(bench.transport.requests.count == 1)
        #expect(bench.clock.sleeps.isEmpty)
    }

    @Test func `limits are kept by waiting`() async throws {
        let clock = ManualClock(movesByItself: true)
        let bench = try Bench(ScriptedTransport(Self.clip), clock: clock) {
            $0.limits = [.metadata: RateLimits(burst: 3, sustain: 5)]
        }
        for _ in 0..<6 { _ = try await bench.clips.clip("a", scid: "s") }
        #expect(clock.sleeps == [.seconds(15), .seconds(285)])
    }

    @Test func `waiting for our own limits is no reason to give up, however long it takes`() async throws {
        let clock = ManualClock(movesByItself: true)
        let bench = try Bench(ScriptedTransport(Self.clip), clock: clock) {
            $0.limits = [.metadata: RateLimits(burst: 1, sustain: 1)]
            $0.backOff.window = .seconds(60)
        }
        for _ in 0..<3 { _ = try await bench.clips.clip("a", scid: "s") }
        #expect(clock.sleeps == [.seconds(300), .seconds(300)])
    }

    @Test func `cancelling ends a wait`() async throws {
        let clock = ManualClock(movesByItself: false)
        let bench = try Bench(ScriptedTransport(.status(503)), clock: clock)
        let task = Task { try await failure { try await bench.clips.clip("a", scid: "s") } }
        await clock.sleepers(1)
        task.cancel()
        guard case .cancelled = try await task.value.kind else { throw try await task.value }
        #expect(bench.transport.requests.count == 1)
    }

    @Test func `the observer is told of every attempt, and of no secret`() async throws {
        let bench = try Bench(
            .status(503, ["Retry-After": "1"], #"{"code": 5300, "source": "x", "description": "down"}"#),
            .lost(.connectionLost, sent: true), .status(202))
        _ = try await bench.clips.putBlock(0, to: "/up?sig=very-secret", clipID: "id", body: .none)
        let attempts = bench.log.attempts
        #expect(attempts.map(\.number) == [1, 2, 3])
        #expect(attempts.map(\.nextWait) == [.seconds(2), .seconds(4), nil])
        #expect(attempts.allSatisfy { $0.call == "block 0" && $0.service == .transfer && $0.method == "PUT" })
        #expect(attempts.allSatisfy { $0.url == "http://127.0.0.1:8080/up" })
        guard case .failed(let failure) = attempts[0].outcome,
            case .succeeded(status: 202) = attempts[2].outcome
        else {
            throw UnexpectedSuccess()
        }
        #expect("\(failure)".contains("x: down (code 5300)"))
        var dumped = ""
        dump(attempts, to: &dumped)
        #expect(!dumped.contains("secret"))
    }
}
