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
            #expect(try await bench.run(as: 1, failingAt: 0, kind.rawValue).status == 0)
            let last = try bench.failure(of: 1).steps
            #expect(last > 200, "the calls of a whole run are counted")
            let calls = Sweep.isLong ? Array(1...last) : stride(from: 3, through: last, by: last / 12).map(\.self)
            Sweep.say("\(calls.count) calls that fail, \(kind)")
            let waiting = Locked(Array(calls.enumerated())[...])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<Self.lanes {
                    group.addTask {
                        while let (index, call) = waiting.withLock({ $0.popFirst() }) {
                            try await fail(call, kind, CrashRound(bench: bench, user: index + 2, start: 0))
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    private func fail(_ call: Int, _ kind: Kind, _ round: CrashRound) async throws {
        let failed = try await round.bench.run(as: round.user, failingAt: call, kind.rawValue)
        let place = "\(kind) \(call): \(try round.bench.failure(of: round.user).description)"
        // Of the log and its index SQLite does not say why they can't be had.
        let codes = place.contains("journal.db-") ? kind.codes.union([75]) : kind.codes
        #expect(codes.contains(failed.status), "\(place)\nexit code \(failed.status)\n\(failed.errorText)")
        #expect(failed.status == 0 || !failed.errorText.isEmpty, "\(place)")
        try await round.finish([try await round.wreck()], place)
    }
}
