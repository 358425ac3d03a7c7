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
            let short = try await bench.addClip(blocks: 1)
            let gate = Gate { $0[short] == .processing }
            bench.tell(gate)
            bench.hold { request in
                if request.method == .put, request.body.count == 1_000 { await gate.wait() }
            }
            #expect(try await bench.submit() == [])
            try bench.expectEachPublishedOnce()
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `a clip whose last block is on its way keeps no other from beginning`() async throws {
        try await FaultBench.with(clips: 3, blocksEach: 6) { bench in
            let gate = Gate { $0.count { $0.value == .uploading } == 3 }
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
private final class Gate: BatchObserver {
    private let opens: @Sendable ([String: ClipStage]) -> Bool
    private struct State {
        var stages: [String: ClipStage] = [:]
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Guarded(State())

    /// - Parameter opens: Told the stage of each clip.
    init(opensWhen opens: @escaping @Sendable ([String: ClipStage]) -> Bool) {
        self.opens = opens
    }

    func observe(_ event: BatchEvent) {
        guard case .stage(let clip, let stage) = event else { return }
        let waiting = state.withLock { state in
            state.stages[clip] = stage
            guard opens(state.stages) else { return [CheckedContinuation<Void, Never>]() }
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
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
}
