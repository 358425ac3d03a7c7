import SystemIO
import Testing

@Suite struct SlotsTests {
    @Test func `no more than the given number hold a place at once, and all get one`() async {
        let slots = Slots(3)
        let counts = Counts()
        await withTaskGroup { group in
            for _ in 0..<5_000 {
                group.addTask {
                    await slots.withSlot {
                        counts.enter()
                        await Task.yield()
                        counts.leave()
                    }
                }
            }
        }
        #expect(counts.most <= 3)
        #expect(counts.done == 5_000)
    }
}

private final class Counts: Sendable {
    private let counts = Guarded((now: 0, most: 0, done: 0))

    var most: Int { counts.withLock { $0.most } }
    var done: Int { counts.withLock { $0.done } }

    func enter() {
        counts.withLock {
            $0.now += 1
            $0.most = max($0.most, $0.now)
        }
    }

    func leave() {
        counts.withLock {
            $0.now -= 1
            $0.done += 1
        }
    }
}
