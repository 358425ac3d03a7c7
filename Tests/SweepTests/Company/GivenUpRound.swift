import Foundation
import Testing

/// Somebody is killed and never comes back; two others have the same clips.
struct GivenUpRound {
    private let bench: CompanyBench
    private let number: Int
    private let step: Int
    private let dead: Participant
    private let others: [Participant]

    /// More than the day after which an upload is taken for given up.
    private static let moved = 25 * 3_600
    /// So often is the service asked by somebody of whom it is sure that there is nothing to do but wait.
    private static let looks = 2

    init(_ bench: CompanyBench, _ number: Int, deadAt step: Int) throws {
        (self.bench, self.number, self.step) = (bench, number, step)
        dead = try bench.join(number, "dead")
        others = try ["folder-1", "folder-2"].map { try bench.join(number, $0) }
    }

    /// - Returns: Whether the dead one had left anything; what it is at, at a step, depends on how parallel requests fall.
    func run() async throws -> Bool {
        let what = "dead at step \(step)"
        let killed = try await dead.run(stoppedAt: step)
        guard killed.status != 0 else { return false }
        let round = CompanyRound(bench: bench, number: number, participants: others, what: what)
        let left = try await waitForTheDead(round, what)

        let results = try await together { participant in
            try await participant.runUntilDone(ahead: Self.moved, what)
        }
        let ids = Set(left.map(\.id))
        try round.check(givenUp: ids)
        // Whose it was is said.
        let lines = results.joined().map(\.errorText).joined()
        for clip in left {
            let owner = try #require(clip.marker?.owner, "\(what): whose \(clip.id) is")
            #expect(lines.contains(owner.prefix(8)), "\(what): taken over without a word\n\(lines)")
        }
        guard Sweep.isLong else { return !left.isEmpty }
        // Who comes back after all finds what has become of it.
        try await dead.runUntilDone(ahead: Self.moved, what)
        try CompanyRound(bench: bench, number: number, participants: others + [dead], what: what).check(givenUp: ids)
        return !left.isEmpty
    }

    /// Before the day is over, the others do what is theirs and leave the rest alone.
    ///
    /// - Returns: What is left of the dead one. (What it had sent before may come to the service after its end.)
    private func waitForTheDead(_ round: CompanyRound, _ what: String) async throws -> [StoredClip] {
        let results = try await together { participant in
            var since: Int?
            return try await participant.run {
                guard try isOnlyTheDeadLeft() else { return false }
                let sent = try participant.sent().count
                let start = since ?? sent
                since = start
                return sent >= start + Self.looks
            }
        }
        let its = try round.ids(askedForBy: dead)
        let left = its.filter { $0.waitsForBytes }
        #expect(!its.contains { $0.isDeleted }, "\(what): \(its.map(\.state)) before the day is over")
        try round.checkDeletions()
        let expected: Set<Int32> = left.isEmpty ? [0, 130] : [75, 130]
        for result in results {
            #expect(expected.contains(result.status), "\(what): \(result.status) \(result.errorText)")
        }
        return left
    }

    /// Every clip is published, or an id of the dead one waits for its bytes.
    private func isOnlyTheDeadLeft() throws -> Bool {
        let live = try bench.service.clips(of: number).filter { !$0.isDeleted }
        let isLeft = { (clip: StoredClip) in
            clip.state == "Published" || clip.waitsForBytes && clip.marker?.systemProperties == dead.name
        }
        return live.allSatisfy(isLeft) && Set(live.map { $0.marker?.clipship }).count == CompanyBench.clips.count
    }

    private func together<Result: Sendable>(
        _ body: @escaping @Sendable (Participant) async throws -> Result
    ) async throws -> [Result] {
        try await withThrowingTaskGroup(of: Result.self) { group in
            for participant in others { group.addTask { try await body(participant) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }
}
