import SystemIO
import Testing

@Suite struct AsyncSemaphoreTests {
    @Test func `no more than the given number hold a place at once, and all get one`() async {
        let permits = AsyncSemaphore(3)
        let counts = Counts()
        await withTaskGroup { group in
            for _ in 0..<5_000 {
                group.addTask {
                    await permits.withPermit {
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

@Suite(.timeLimit(.minutes(1))) struct FairSemaphoreTests {
    /// Lets holders of permits go one by one.
    private actor Holders {
        private var held: [(owner: String, exit: CheckedContinuation<Void, Never>)] = []
        private var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
        private(set) var order: [String] = []

        func hold(_ owner: String) async {
            order.append(owner)
            await withCheckedContinuation { exit in
                held.append((owner, exit))
                let ready = watchers.filter { order.count >= $0.count }
                watchers.removeAll { order.count >= $0.count }
                for watcher in ready { watcher.continuation.resume() }
            }
        }

        /// Returns when so many have had a permit by now.
        func wait(for count: Int) async {
            guard order.count < count else { return }
            await withCheckedContinuation { watchers.append((count, $0)) }
        }

        func release(_ owner: String) {
            guard let index = held.firstIndex(where: { $0.owner == owner }) else { return }
            held.remove(at: index).exit.resume()
        }
    }

    @Test func `whoever has fewer permits is next, and none is idle while somebody waits`() async {
        let permits = FairSemaphore<String>(4)
        let holders = Holders()
        await withTaskGroup { group in
            func ask(_ owner: String, _ count: Int, after: Int) async {
                for _ in 0..<count {
                    group.addTask { await permits.withPermit(of: owner) { await holders.hold(owner) } }
                }
                await holders.wait(for: after)
            }
            await ask("long", 4, after: 4)
            #expect(await holders.order == ["long", "long", "long", "long"], "alone it has all of them")
            for owner in ["long", "long", "late", "late", "late"] {
                group.addTask { await permits.withPermit(of: owner) { await holders.hold(owner) } }
            }
            while permits.waiting < 5 { await Task.yield() }
            for count in 5...7 {
                await holders.release("long")
                await holders.wait(for: count)
            }
            #expect(await holders.order.dropFirst(4) == ["late", "late", "long"], "up to an equal share")
            for count in 8...9 {
                await holders.release("late")
                await holders.wait(for: count)
            }
            #expect(await holders.order.dropFirst(7).sorted() == ["late", "long"])
            for owner in ["late", "late", "long", "long", "long", "long"] { await holders.release(owner) }
        }
    }
}

/// How many blocks are under way after the service has said that it is too much.
@Suite struct AdaptiveLimitTests {
    @Test func `a refusal halves it once for all that was under way, and each round of successes adds one`() {
        var limit = AdaptiveLimit(16)
        for _ in 0..<40 { limit.noteSuccess() }
        #expect(limit.current == 16, "never more than the most")
        for _ in 0..<16 { limit.noteRefusal(underWay: 16) }
        #expect(limit.current == 8, "sixteen answers to one load are one sign")
        limit.noteRefusal(underWay: 8)
        #expect(limit.current == 4)
        for _ in 0..<7 { limit.noteSuccess() }
        #expect(limit.current == 5, "one more after four, and three of the next five")
        for _ in 0..<2 { limit.noteSuccess() }
        #expect(limit.current == 6)
        for _ in 0..<6 { limit.noteSuccess() }
        #expect(limit.current == 7)
    }

    @Test func `it never is below one, and comes back to the most`() {
        var limit = AdaptiveLimit(3)
        for _ in 0..<10 { limit.noteRefusal(underWay: 1) }
        #expect(limit.current == 1)
        for _ in 0..<3 { limit.noteSuccess() }
        #expect(limit.current == 3)
        #expect(AdaptiveLimit(0).current == 1)
    }

    @Test func `what goes by half is what was under way, not what might have been`() {
        var limit = AdaptiveLimit(16)
        limit.noteRefusal(underWay: 4)
        #expect(limit.current == 2)
    }

    @Test(.timeLimit(.minutes(1))) func `permits that are gone are not given out, and those that come back are`() async
    {
        let permits = FairSemaphore<String>(4)
        let (entered, gate) = (Locked(0), AsyncSemaphore(1))
        let held = await gate.acquire()
        await withTaskGroup { group in
            for _ in 0..<12 {
                group.addTask {
                    await permits.withPermit(of: "clip") {
                        entered.withLock { $0 += 1 }
                        await gate.withPermit {}
                    }
                }
            }
            while permits.waiting < 8 { await Task.yield() }
            #expect(entered.withLock { $0 } == 4)
            permits.noteRefusal()
            #expect(permits.permits == 2 && permits.waiting == 8)
            for _ in 0..<5 { permits.noteSuccess() }
            #expect(permits.permits == 4, "after two, and three more")
            for _ in 0..<20 { permits.noteSuccess() }
            #expect(permits.permits == 4 && permits.waiting == 8)
            held.release()
        }
        #expect(entered.withLock { $0 } == 12)
    }
}

private final class Counts: Sendable {
    private let counts = Locked((now: 0, most: 0, done: 0))

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
