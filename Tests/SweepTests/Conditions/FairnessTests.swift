import Foundation
import SystemIO
import TestSupport
import Testing
import Transport

@testable import Pipeline

/// Clips of many blocks and of few share the connections.
@Suite struct FairnessTests {
    @Test(.timeLimit(.minutes(2)))
    func `a short clip goes up while the blocks of long ones are still waiting`() async throws {
        let long = (clips: SubmitOptions().clipsInFlight, blocks: 60)
        try await FaultBench.with(clips: long.clips, blocksEach: long.blocks) { bench in
            let short = try await bench.addClip(blocks: 1)
            let gate = Gate(opensFor: short)
            bench.tell(gate)
            bench.hold { request in
                if request.method == .put, request.body.count == 1_000 { await gate.wait() }
            }
            #expect(try await bench.submit() == [])
            try bench.expectEachPublishedOnce()
            // One connection is enough as soon as the short clip waits for one. In order of their coming it would be last.
            #expect(gate.passed < long.clips * long.blocks * 3 / 4)
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `a clip whose last block is on its way keeps no other from beginning`() async throws {
        try await FaultBench.with(clips: 3, blocksEach: 6) { bench in
            let gate = AllAtOnce { $0.count { $0.value == .uploading } == 3 }
            bench.tell(gate)
            bench.hold { request in
                if request.method == .put, request.url.text.contains("blockNum=5") { await gate.wait() }
            }
            var options = SubmitOptions()
            options.clipsInFlight = 1
            #expect(try await bench.submit(options) == [])
            try bench.expectEachPublishedOnce()
        }
    }
}

/// Holds whoever waits until the clips have come as far as is wanted.
private final class AllAtOnce: BatchObserver {
    private let opens: @Sendable ([String: ClipStage]) -> Bool
    private let stages = Locked([String: ClipStage]())
    private let held = Held()

    /// - Parameter opens: Told the stage of each clip.
    init(opensWhen opens: @escaping @Sendable ([String: ClipStage]) -> Bool) {
        self.opens = opens
    }

    func observe(_ event: BatchEvent) {
        guard case .stage(let clip, let stage) = event else { return }
        let isOver = stages.withLock { stages in
            stages[clip] = stage
            return opens(stages)
        }
        if isOver { held.letAllGo() }
    }

    func wait() async { await held.wait() }
}

/// Holds whoever waits until one clip's blocks are up. From the moment at which that clip begins to send, it lets one go,
/// and one more for each that comes: a connection is free all the time, and the clip has to get one of them.
private final class Gate: BatchObserver {
    private let clip: String
    private let isSending = Locked(false)
    private let held = Held()

    init(opensFor clip: String) {
        self.clip = clip
    }

    /// How many were let go before the clip's blocks were up.
    var passed: Int { held.passed }

    func observe(_ event: BatchEvent) {
        switch event {
        case .stage(clip, .uploading):
            isSending.withLock { $0 = true }
            held.letOneGo()
        case .stage(clip, .uploaded): held.letAllGo()
        default: break
        }
    }

    func wait() async {
        if isSending.withLock({ $0 }) { held.letOneGo() }
        await held.wait()
    }
}

/// Those who wait, in the order in which they came. A task that is cancelled waits no longer.
private final class Held: Sendable {
    private struct State {
        var waiting: [(id: Int, continuation: CheckedContinuation<Void, Never>)] = []
        var last = 0
        var cancelled: Set<Int> = []
        var isOpen = false
        var passed = 0
    }

    private let state = Locked(State())

    var passed: Int { state.withLock { $0.passed } }

    func letOneGo() {
        state.withLock { state in
            guard !state.isOpen, !state.waiting.isEmpty else { return nil as CheckedContinuation<Void, Never>? }
            state.passed += 1
            return state.waiting.removeFirst().continuation
        }?.resume()
    }

    func letAllGo() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting.map(\.continuation)
        }
        for continuation in waiting { continuation.resume() }
    }

    func wait() async {
        let id = state.withLock { state in
            state.last += 1
            return state.last
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let goesOn = state.withLock { state in
                    if state.isOpen || state.cancelled.contains(id) { return true }
                    state.waiting.append((id, continuation))
                    return false
                }
                if goesOn { continuation.resume() }
            }
        } onCancel: {
            state.withLock { state in
                state.cancelled.insert(id)
                guard let index = state.waiting.firstIndex(where: { $0.id == id }) else {
                    return nil as CheckedContinuation<Void, Never>?
                }
                return state.waiting.remove(at: index).continuation
            }?.resume()
        }
    }
}
