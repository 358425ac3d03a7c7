import Testing

@testable import Transport

@Suite struct StallWatchTests {
    private func watch(body: Int64) -> StallWatch {
        StallWatch(idleLimit: .seconds(30), answerLimit: .seconds(60), bodyBytes: body)
    }

    @Test func `nothing is limited before the request starts`() {
        let watch = watch(body: 100)
        #expect(watch.deadline == nil)
        #expect(watch.expired(at: .seconds(10_000)) == nil)
    }

    @Test func `a byte within 30 s keeps an upload alive for as long as it takes`() {
        var watch = watch(body: 1_000)
        watch.requestStarts(at: .zero)
        for step in 1...999 {
            let now = Duration.seconds(29 * step)
            #expect(watch.expired(at: now) == nil)
            watch.observe(sent: Int64(step), received: 0, at: now)
        }
        #expect(watch.deadline == .seconds(29 * 999 + 30))
        #expect(watch.expired(at: .seconds(29 * 999 + 30)) == .idle)
    }

    @Test func `seeing the same numbers again is no movement`() {
        var watch = watch(body: 1_000)
        watch.requestStarts(at: .zero)
        watch.observe(sent: 10, received: 0, at: .seconds(1))
        watch.observe(sent: 10, received: 0, at: .seconds(20))
        #expect(watch.expired(at: .seconds(31)) == .idle)
    }

    @Test func `the answer has 60 s from the last byte of the body on`() {
        var watch = watch(body: 10)
        watch.requestStarts(at: .zero)
        watch.observe(sent: 10, received: 0, at: .seconds(25))
        #expect(watch.expired(at: .seconds(84)) == nil)
        #expect(watch.expired(at: .seconds(85)) == .answer)
    }

    @Test func `without a body the answer has 60 s from the start`() {
        var watch = watch(body: 0)
        watch.requestStarts(at: .seconds(5))
        #expect(watch.deadline == .seconds(65))
        #expect(watch.expired(at: .seconds(65)) == .answer)
    }

    @Test func `an answer that began must go on within 30 s`() {
        var watch = watch(body: 0)
        watch.requestStarts(at: .zero)
        watch.observe(sent: 0, received: 1, at: .seconds(59))
        #expect(watch.expired(at: .seconds(88)) == nil)
        #expect(watch.expired(at: .seconds(89)) == .idle)
    }

    @Test func `an answer that comes in drops must be whole within its limit`() {
        var watch = StallWatch(
            idleLimit: .seconds(30), answerLimit: .seconds(60), wholeAnswerLimit: .seconds(120), bodyBytes: 0)
        watch.requestStarts(at: .zero)
        for step in 0..<12 {
            let now = Duration.seconds(50 + step * 10)
            watch.observe(sent: 0, received: Int64(step + 1), at: now)
            #expect(watch.expired(at: now) == nil)
        }
        #expect(watch.deadline == .seconds(170))
        #expect(watch.expired(at: .seconds(170)) == .wholeAnswer)
    }

    @Test func `a download must go on by so many bytes each time, however long it takes`() {
        var watch = StallWatch(
            idleLimit: .seconds(30), answerLimit: .seconds(60), wholeAnswerLimit: .seconds(120), leastBytes: 1_000,
            bodyBytes: 0)
        watch.requestStarts(at: .zero)
        for minute in 0..<100 {
            for step in 0..<10 {
                let now = Duration.seconds(minute * 100 + step * 10)
                watch.observe(sent: 0, received: Int64(minute * 1_000 + step * 100 + 1), at: now)
                #expect(watch.expired(at: now) == nil)
            }
        }
        // A drop a second from here on.
        for second in 0..<200 where watch.expired(at: .seconds(9_990 + second)) == nil {
            watch.observe(sent: 0, received: Int64(99_901 + second), at: .seconds(9_990 + second))
        }
        #expect(watch.expired(at: .seconds(10_100)) == .wholeAnswer)
    }

    @Test func `a second start on another connection counts from there`() {
        var watch = watch(body: 10)
        watch.requestStarts(at: .zero)
        watch.observe(sent: 10, received: 0, at: .seconds(1))
        watch.requestStarts(at: .seconds(50))
        #expect(watch.deadline == .seconds(80))
    }
}
