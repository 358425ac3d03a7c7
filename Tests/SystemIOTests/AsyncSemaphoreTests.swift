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
