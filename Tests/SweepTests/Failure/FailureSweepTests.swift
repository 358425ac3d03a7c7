import Foundation
import SystemIO
import TestSupport
import Testing

/// Whichever call on a file fails, the run says so, its exit code tells whether the same command can go on, and that
/// command publishes every clip once.
@Suite(.serialized) struct FailureSweepTests {
    /// Rounds that go on at the same time.
    private static let lanes = 3

    /// How the call fails, and what the run may then end with.
    enum Kind: String, Sendable, CaseIterable {
        /// No room, no descriptor, no memory.
        case temporary
        /// No permission, a disk that can only be read, or one that is broken.
        case permanent

        var codes: Set<Int32> { self == .temporary ? [0, 75] : [0, 1, 2] }
    }

    @Test(.timeLimit(.minutes(60)), arguments: Kind.allCases)
    func `a run in which any call on a file fails is told apart, and completed by the same command`(
        kind: Kind
    ) async throws {
        try await CrashBench.with { bench in
            #expect(try await bench.run(as: 1, failingAt: 0, kind.rawValue, variant: 0).status == 0)
            let last = try bench.failure(of: 1).steps
            #expect(last > 200, "the calls of a whole run are counted")
            // In the long form each call with each error that it may plausibly have.
            let calls =
                Sweep.isLong
                ? (0..<3).flatMap { variant in (1...last).map { (call: $0, variant: variant) } }
                : stride(from: 3, through: last, by: last / 12).map { (call: $0, variant: $0 % 3) }
            Sweep.say("\(last) calls, \(calls.count) failures, \(kind)")
            let ends = Locked<[Int32: Int]>([:])
            let waiting = Locked(Array(calls.enumerated())[...])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<Self.lanes {
                    group.addTask {
                        while let (index, place) = waiting.withLock({ $0.popFirst() }) {
                            let round = CrashRound(bench: bench, user: index + 2, start: 0)
                            let status = try await fail(place.call, kind, variant: place.variant, round)
                            ends.withLock { $0[status, default: 0] += 1 }
                        }
                    }
                }
                try await group.waitForAll()
            }
            Sweep.say("\(kind): runs by their exit codes: \(ends.withLock { $0 })")
        }
    }

    private func fail(_ call: Int, _ kind: Kind, variant: Int, _ round: CrashRound) async throws -> Int32 {
        let failed = try await round.bench.run(as: round.user, failingAt: call, kind.rawValue, variant: variant)
        let place = "\(kind) \(call): \(try round.bench.failure(of: round.user).description)"
        // Of the log and its index SQLite does not say why they can't be had.
        let codes = place.contains("journal.db-") ? kind.codes.union([75]) : kind.codes
        #expect(codes.contains(failed.status), "\(place)\nexit code \(failed.status)\n\(failed.errorText)")
        #expect(failed.status == 0 || !failed.errorText.isEmpty, "\(place)")
        try await round.finish([try await round.wreck()], place)
        return failed.status
    }
}
