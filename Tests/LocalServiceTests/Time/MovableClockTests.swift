import SystemIO
import ClipModel
import Dispatch
import Foundation
import TestSupport
import Testing

@testable import LocalService

@Suite struct MovableClockTests {
    private let queue = DispatchQueue(label: "MovableClockTests")

    @Test func `what comes due on the way runs in order and at its own time, also what is planned meanwhile`() {
        let clock = MovableClock(standingAt: Timestamp(seconds: 1_000))
        let log = Locked<[String]>([])
        let note = { @Sendable (text: String) in log.withLock { $0.append("\(text) \(clock.now.seconds)") } }
        clock.schedule(after: .seconds(20), on: queue) { note("late") }
        clock.schedule(after: .seconds(5), on: queue) {
            note("first")
            clock.schedule(after: .seconds(10), on: self.queue) { note("planned") }
        }
        clock.advanceAndWait(by: .seconds(4))
        #expect(log.withLock { $0 } == [])
        clock.advanceAndWait(by: .seconds(100))
        #expect(log.withLock { $0 } == ["first 1005", "planned 1015", "late 1020"])
        #expect(clock.now == Timestamp(seconds: 1_104))
    }

    @Test func `a running clock can be moved too, and its timers also fire by themselves`() async throws {
        let clock = MovableClock()
        let log = Locked<[String]>([])
        clock.schedule(after: .seconds(3_600), on: queue) { log.withLock { $0.append("moved") } }
        clock.schedule(after: .milliseconds(1), on: queue) { log.withLock { $0.append("by itself") } }
        try await eventually { log.withLock { $0.isEmpty } ? nil : () }
        let before = clock.now
        await clock.advance(by: .seconds(3_600))
        #expect(log.withLock { $0 } == ["by itself", "moved"])
        #expect(before.advanced(by: .seconds(3_600)) <= clock.now)
        #expect(clock.now < Timestamp(Date()).advanced(by: .seconds(3_700)))
    }

    @Test func `work that comes again and again runs once, at the end of a move of a year`() async {
        for clock in [MovableClock(standingAt: Timestamp(seconds: 0)), MovableClock()] {
            let start = clock.now
            let times = Locked<[Duration]>([])
            @Sendable func watch() {
                clock.scheduleWatch(after: .seconds(30), on: queue) {
                    times.withLock { $0.append(start.duration(to: clock.now)) }
                    watch()
                }
            }
            watch()
            clock.schedule(after: .seconds(60), on: queue) { times.withLock { $0.append(.seconds(60)) } }
            let year = Duration.seconds(365 * 86_400)
            await clock.advance(by: year)
            let seen = times.withLock { $0 }
            #expect(seen.count == 2 && seen.first == .seconds(60) && seen.last ?? .zero >= year)
        }
    }

    @Test func `a service is there again after a year, with a short time-out too`() async throws {
        let clock = MovableClock()
        try await Harness.run {
            ($0.clock, $0.idleTimeout) = (clock, 20)
        } _: { harness in
            await clock.advance(by: .seconds(365 * 86_400))
            expect(try await harness.get(harness.clips), is: 200)
        }
    }

    @Test(arguments: [
        ("250ms", 250), ("5s", 5_000), ("1.5s", 1_500), ("10m", 600_000), ("2h", 7_200_000), ("0s", 0),
    ])
    func `durations are read with their unit`(text: String, milliseconds: Int) {
        #expect(DurationText.parse(text) == .milliseconds(milliseconds))
    }

    @Test(arguments: ["", "5", "s", "-5s", "5 s", "5d", "1e3s", "99999999h"])
    func `what has none is not a duration`(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test func `a clip goes through its states as the clock is moved, and not before`() async throws {
        let clock = MovableClock(standingAt: Timestamp(seconds: 1_700_000_000))
        try await Harness.run {
            $0.clock = clock
            $0.delays = .init(each: .seconds(10))
        } _: { harness in
            let clip = try await harness.upload(Samples.bytes(100), blockSize: 100)
            for state in ["Uploaded", "Processing", "Processed", "Publishing", "Published"] {
                #expect(try await harness.clip(clip.id)["state"] as? String == state)
                await clock.advance(by: .seconds(10))
            }
            #expect(try await harness.clip(clip.id)["datePublished"] as? String == "2023-11-14T22:14:00Z")
        }
    }
}
