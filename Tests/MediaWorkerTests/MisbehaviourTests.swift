import ClipModel
import Foundation
import MediaWorker
import SystemIO
import TestSupport
import Testing

/// What becomes of workers that crash, hang, grow or lie: one file fails with its reason, the next is served.
@Suite(.enabled(if: Sanitizer.isOff, "\(Sanitizer.liftsTheFilter)"))
struct MisbehaviourTests {
    @Test(arguments: [
        (Misbehaviour.crash, MediaError.Kind.workerCrashed, "The decoder crashed on this file (signal 11)."),
        (.allocate, .memoryLimit, "It was given up because it needed more than 128 MiB of memory."),
        (.sleep, .deadlineExceeded, "It was given up because nothing of it could be decoded for 1 s."),
        (.progress, .deadlineExceeded, "It was given up because it took longer than 1 s."),
        (.exit, .workerCrashed, "The decoder ended on this file (exit code 3)."),
        (.open, .workerCrashed, "The decoder ended on this file (exit code 13)."),
        (.stat, .workerCrashed, "The decoder ended on this file (exit code 13)."),
        (.connect, .workerCrashed, "The decoder was stopped on this file: it tried what it must not do (signal 31)."),
        (.execute, .workerCrashed, "The decoder was stopped on this file: it tried what it must not do (signal 31)."),
        (.noise, .workerCrashed, "The decoder gave an answer to this file that makes no sense."),
        (.length, .workerCrashed, "The decoder gave an answer to this file that makes no sense."),
        (.duration, .workerCrashed, "The decoder gave an answer to this file that makes no sense."),
        (.pictures, .workerCrashed, "The decoder gave an answer to this file that makes no sense."),
    ])
    func `a worker that misbehaves fails its file and no other`(
        misbehaviour: Misbehaviour, kind: MediaError.Kind, message: String
    ) async throws {
        var limits = WorkerLimits.patient
        limits.memory = 128 << 20
        if misbehaviour == .sleep { limits.silence = .seconds(1) }
        let request = MediaRequest(
            thumbnails: ThumbnailRequest(), deadlineSeconds: misbehaviour == .progress ? 1 : 60)
        try await withWorkers(that: misbehaviour, limits: limits) { pool, bad in
            let error = await refusal(of: bad, by: pool, request)
            #expect(error == MediaError(kind, message))
            let next = await refusal(of: try sample("instant-replay"), by: pool)
            #expect(next == nil || misbehaviour == .sleep)
            #expect(pool.startedWorkers == 2)
        }
    }

    @Test func `a worker that is killed in the midst of a file fails that file`() async throws {
        try await withWorkers(that: .sleep, limits: .patient) { pool, bad in
            async let refused = refusal(of: bad, by: pool)
            while pool.workerIDs.isEmpty { try await Task.sleep(for: .milliseconds(2)) }
            for id in pool.workerIDs { kill(id, SIGKILL) }
            #expect(
                await refused
                    == MediaError(.workerKilled, "The decoder was killed on this file from outside (signal 9)."))
            let next = try await refusal(of: sample("instant-replay"), by: pool)
            #expect(next == nil)
        }
    }

    @Test func `a worker that is killed between two files is replaced unseen`() async throws {
        try await withPool { pool in
            for round in 1...3 {
                let next = try await refusal(of: sample("instant-replay"), by: pool)
                #expect(next == nil)
                #expect(pool.startedWorkers == round)
                for id in pool.workerIDs {
                    kill(id, SIGKILL)
                    while !isOver(id) { try await Task.sleep(for: .milliseconds(2)) }
                }
            }
        }
    }

    /// A pool of workers, and a file on which they misbehave.
    private func withWorkers(
        that misbehaviour: Misbehaviour, limits: WorkerLimits,
        _ body: (MediaWorkerPool, OpenFile) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "bad.mp4")
            try misbehaviour.write(to: file)
            let bad = try OpenFile(file.path)
            try await withPool(forkServer: .misbehaving, limits: limits) { pool in
                try await body(pool, bad)
            }
        }
    }

    /// Whether it has ended and only waits to be reaped.
    private func isOver(_ id: Int32) -> Bool {
        let status = try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8)
        guard let status else { return true }
        // The first thread may be gone while another one still holds the socket.
        return status.contains("\nState:\tZ") && status.contains("\nThreads:\t1\n")
    }
}
