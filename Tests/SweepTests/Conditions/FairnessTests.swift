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
        // As many long ones as there are places for clips; none gets a block up before the short one is through.
        try await FaultBench.with(clips: SubmitOptions().clipsInFlight, blocksEach: 12) { bench in
            let gate = Gate(opensWhenUp: try await bench.addClip(blocks: 1))
            bench.tell(gate)
            bench.hold { request in
                if request.method == .put, request.body.count == 1_000 { await gate.wait() }
            }
            #expect(try await bench.submit() == [])
            try bench.expectEachPublishedOnce()
        }
    }
}

/// Holds whoever waits until a clip is up.
private final class Gate: BatchObserver {
    private let clip: String
    private struct State {
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Guarded(State())

    init(opensWhenUp clip: String) {
        self.clip = clip
    }

    func observe(_ event: BatchEvent) {
        if case .stage(clip, .processing) = event { open() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    private func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
