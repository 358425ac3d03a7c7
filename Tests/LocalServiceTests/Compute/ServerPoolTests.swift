import ClipModel
import Testing

@testable import LocalService

@Suite struct ServerPoolTests {
    private func time(_ seconds: Int64) -> Timestamp { Timestamp(seconds: seconds) }

    private func pool(_ change: (inout ServerSettings) -> Void = { _ in }) -> ServerPool {
        var settings = ServerSettings()
        change(&settings)
        return ServerPool(settings)
    }

    private func states(_ pool: ServerPool) -> [FulfillmentState] { pool.allocations.map(\.state) }

    @Test func `without a capacity every request has an instance at once`() {
        var pool = pool()
        for session in ["a", "b", "a"] {
            let allocation = pool.request(title: "1", session: session, abortIfQueued: false, at: time(0))
            #expect(allocation.state == .fulfilled && !allocation.hostId.isEmpty)
        }
        #expect(pool.running == 3)
    }

    @Test func `what waits gets the instance that becomes free, in the order of the requests and at its time`() {
        var pool = pool { ($0.capacity, $0.lifetime) = (1, .seconds(100)) }
        for (session, at) in [("a", 0), ("b", 10), ("c", 20)] {
            _ = pool.request(title: "1", session: session, abortIfQueued: false, at: time(Int64(at)))
        }
        #expect(states(pool) == [.fulfilled, .queued, .queued])
        pool.settle(at: time(250))
        #expect(pool.allocations.map(\.fulfilled) == [time(0), time(100), time(200)])
        #expect(pool.allocations.map(\.ended) == [time(100), time(200), nil])
        #expect(pool.allocation(title: "1", session: "a") == nil)
        #expect(pool.allocation(title: "1", session: "c")?.state == .fulfilled)
        #expect(pool.allocation(title: "2", session: "c") == nil)
    }

    @Test func `waiting ends after the queue's time, by an instance or in vain`() {
        for (end, expected) in [(ServerSettings.QueueEnd.fulfilled, FulfillmentState.fulfilled), (.aborted, .aborted)] {
            var pool = pool { ($0.capacity, $0.queueTime, $0.queueEnd) = (0, .seconds(30), end) }
            _ = pool.request(title: "1", session: "a", abortIfQueued: false, at: time(0))
            pool.settle(at: time(29))
            #expect(pool.queued == 1)
            pool.settle(at: time(30))
            #expect(states(pool) == [expected])
            #expect(pool.allocation(title: "1", session: "a")?.state == expected)
        }
    }

    @Test func `abortIfQueued does not wait, and hides no instance that the session has`() {
        var pool = pool { $0.capacity = 1 }
        _ = pool.request(title: "1", session: "a", abortIfQueued: true, at: time(0))
        #expect(pool.request(title: "1", session: "a", abortIfQueued: true, at: time(1)).state == .aborted)
        #expect(pool.allocation(title: "1", session: "a")?.number == 1)
        #expect(pool.request(title: "1", session: "b", abortIfQueued: true, at: time(2)).state == .aborted)
        #expect(pool.allocation(title: "1", session: "b")?.state == .aborted)
    }

    @Test func `the oldest requests that are over are forgotten, and no other ones; numbers go on`() {
        var pool = pool { $0.capacity = 1 }
        for session in ["a", "b", "c", "d", "e"] {
            _ = pool.request(title: "1", session: session, abortIfQueued: session != "c", at: time(0))
        }
        pool.forget(beyond: 4)
        #expect(pool.allocations.map(\.sessionId) == ["a", "c", "d", "e"])
        pool.forget(beyond: 1)
        #expect(pool.allocations.map(\.sessionId) == ["a", "c", "e"])
        #expect(pool.request(title: "1", session: "f", abortIfQueued: true, at: time(1)).number == 6)
    }

    @Test func `instances are given back and waiting is ended by hand`() {
        var pool = pool { $0.capacity = 1 }
        for session in ["a", "b", "c"] {
            _ = pool.request(title: "1", session: session, abortIfQueued: false, at: time(0))
        }
        #expect(pool.abort(session: "/B/", at: time(1)) && !pool.abort(session: "b", at: time(1)))
        #expect(pool.release(session: "a", at: time(2)) && !pool.release(session: "a", at: time(2)))
        #expect(states(pool) == [.fulfilled, .aborted, .fulfilled])
        #expect(pool.running == 1)
    }
}
