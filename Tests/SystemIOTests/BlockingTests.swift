import Dispatch
import Glibc
import SystemIO
import TestSupport
import Testing

/// Where work that holds its thread up may run.
@Suite(.timeLimit(.minutes(1))) struct BlockingTests {
    @Test func `tasks that hold their threads up do not keep others from running`() async {
        // More than there are cores, so that a pool of a thread for each would never get to the last one.
        let count = 12
        let arrived = Locked(0)
        let all = DispatchSemaphore(value: 0)
        await withTaskExecutorPreference(Blocking.threads) {
            await withTaskGroup { group in
                for _ in 0..<count {
                    group.addTask {
                        if arrived.withLock({
                            $0 += 1; return $0 == count
                        }) {
                            for _ in 0..<count { all.signal() }
                        }
                        Self.hold(all)
                    }
                }
            }
        }
        #expect(arrived.withLock { $0 } == count)
    }

    private static func hold(_ semaphore: DispatchSemaphore) { semaphore.wait() }

    @Test func `more tasks than threads all get their turn`() async {
        let executor = Blocking.threads
        let done = Locked(0)
        await withTaskExecutorPreference(executor) {
            await withTaskGroup { group in
                for _ in 0..<20_000 {
                    group.addTask {
                        await Task.yield()
                        done.withLock { $0 += 1 }
                    }
                }
            }
        }
        #expect(done.withLock { $0 } == 20_000)
    }

    @Test func `a thread that may be held waits for a task, and gets what it throws`() async throws {
        struct Refusal: Error {}
        let (value, error) = await BlockingPool("holder", width: 1).run { () -> (Int, (any Error)?) in
            let value = Blocking.wait { () async -> Int in
                await Task.yield()
                return 7
            }
            do throws(Refusal) {
                try Blocking.wait { () async throws(Refusal) in throw Refusal() }
                return (value, nil)
            } catch {
                return (value, error)
            }
        }
        #expect(value == 7 && error is Refusal)
    }

    #if DEBUG
    @Test func `a debug build ends where a call that blocks is made on the cooperative pool, and nowhere else`() async {
        await #expect(processExitsWith: .signal(SIGABRT)) {
            Blocking.watch()
            _ = try? FileIdentity(of: "/")
        }
        await #expect(processExitsWith: .success) {
            Blocking.watch()
            await withTaskExecutorPreference(Blocking.threads) {
                _ = try? FileIdentity(of: "/")
                await Task(executorPreference: Blocking.threads) { _ = try? FileIdentity(of: "/") }.value
                await withTaskGroup { group in group.addTask { _ = try? FileIdentity(of: "/") } }
            }
            await BlockingPool("pool", width: 1).run { _ = try? FileIdentity(of: "/") }
            Blocking.start("thread") { _ = try? FileIdentity(of: "/") }
        }
    }
    #endif
}
