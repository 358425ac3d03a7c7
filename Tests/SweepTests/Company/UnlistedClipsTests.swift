import Foundation
import LocalService
import TestSupport
import Testing

@testable import Pipeline

/// A service whose list shows what it has issued late or never, as users of the live one have seen it.
@Suite(.serialized) struct UnlistedClipsTests {
    @Test(.timeLimit(.minutes(Sweep.isLong ? 60 : 2)))
    func `while the list lags for less than it is looked at, each clip is published once`() async throws {
        let lag = Sweep.isLong ? "30s" : "1500ms"
        let lost = "rules:\n  - {calls: initialUpload, every: 4, close: afterStored}"
        for faults in Sweep.isLong ? ["", lost] : [""] {
            try await CompanyBench.with(faults: "listLag: \(lag)\n\(faults)") { bench in
                try await inLanes(Array(1...(Sweep.isLong ? 10 : 1)), width: 2) { _, number in
                    let participants = try (1...2).map { try bench.join(number, "folder-\($0)") }
                    let round = CompanyRound(
                        bench: bench, number: number, participants: participants, what: "a lag of \(lag), \(number)")
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for participant in participants {
                            group.addTask { try await participant.runUntilDone(round.what) }
                        }
                        try await group.waitForAll()
                    }
                    try round.check()
                }
            }
        }
    }

    @Test(.timeLimit(.minutes(10)), .enabled(if: Sweep.isLong, "it takes a minute for each run"))
    func `where the list shows nothing, nobody uploads, and everybody says why`() async throws {
        try await CompanyBench.with(faults: "listLag: 100000h") { bench in
            let participants = try ["one", "two"].map { try bench.join(1, $0) }
            let results = try await withThrowingTaskGroup(of: ProgramResult.self) { group in
                for participant in participants { group.addTask { try await participant.run() } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for result in results {
                #expect(result.status == 75, "\(result.errorText)")
                for clip in CompanyBench.clips {
                    #expect(result.errorText.hasLine(about: clip, with: "list"), "\(result.errorText)")
                }
            }
            #expect(try await bench.service.calls("block").isEmpty)
            #expect(try bench.service.clips(of: 1).allSatisfy { $0.published == nil })
            try CompanyRound(bench: bench, number: 1, participants: participants, what: "blind").checkDeletions()
        }
    }

    @Test(
        .timeLimit(.minutes(10)), .enabled(if: Sweep.isLong, "it takes a minute for each run"),
        arguments: ["none", "id"])
    func `where the list shows nothing and one uploads alone, what a lost answer leaves open is settled by hand`(
        answer: String
    ) async throws {
        let faults = "listLag: 100000h\nrules:\n  - {calls: initialUpload, nth: 2, close: afterStored}"
        try await CompanyBench.with(faults: faults) { bench in
            let alone = try bench.join(1, "alone", submit: "whenUnlisted: upload")
            let first = try await alone.run()
            #expect(first.status == 75, "\(first.errorText)")
            let open = try ReportedClip.all(in: alone.output).filter { $0.state != "published" }
            try #require(open.count == 1, "\(first.errorText)")
            let (clip, key) = (open[0].clip, open[0].key)
            #expect(first.errorText.hasLine(about: clip, with: "list"), "\(first.errorText)")
            let shown = try await alone.status([])
            #expect(shown.outputText.hasLine(about: clip, with: "ready"), "\(shown.outputText)")

            // Whoever looks at the service finds what came of the request: here it is known.
            // Another id, asked for when the list had not been seen to be blind, was given back.
            let lost = try #require(
                try bench.service.clips(of: 1).last { $0.marker?.clipship == key && !$0.isDeleted })
            let settled = try await alone.status(["--resolve", "\(clip)=\(answer == "none" ? answer : lost.id)"])
            #expect(settled.status == 0, "\(settled.errorText)")
            try await alone.runUntilDone("--resolve \(clip)=\(answer)")
            let round = CompanyRound(bench: bench, number: 1, participants: [alone], what: "--resolve \(answer)")
            try round.checkPublishedOnce()
            // An id that somebody says there isn't is left to them.
            let left = try bench.service.clips(of: 1).filter { $0.waitsForBytes }
            #expect(left.map(\.id) == (answer == "none" ? [lost.id] : []))
        }
    }
}

/// The same in one process and in virtual time, in which the look at the list takes no minute.
@Suite struct BlindListTests {
    private static let blind = Duration.seconds(100_000 * 3_600)

    /// A plan whose list is blind, and that loses the answer to the nth initial request.
    private func plan(losing number: Int? = nil) -> FaultPlan {
        var plan = FaultPlan()
        plan.listLag = Self.blind
        if let number {
            var rule = FaultPlan.Rule([.initialUpload], .close(.afterStored))
            rule.selection = .nth([number])
            plan.rules = [rule]
        }
        return plan
    }

    @Test(.timeLimit(.minutes(2)))
    func `a list that shows nothing is looked at for a minute, and then nothing is uploaded in this run`() async throws
    {
        try await FaultBench.with { bench in
            bench.service.setFaults(plan())
            let start = bench.time.now
            let failures = try await bench.submit()
            #expect(failures.count == 3 && failures.allSatisfy { $0.kind == .temporary }, "\(failures)")
            #expect(failures.allSatisfy { $0.reason.contains("list") }, "\(failures)")
            #expect(!bench.service.requests.contains { $0.route == .block })
            let duration = start.duration(to: bench.time.now)
            #expect(duration >= .seconds(60) && duration < .seconds(120), "looked at for \(duration)")
            // Another run does not ask for more.
            _ = try await bench.submit()
            #expect(try bench.states().count { $0 == "PendingUpload" } <= 3)
            // Once it shows them, the next run goes on.
            bench.service.setFaults(FaultPlan())
            #expect(try await bench.submit() == [])
            try bench.expectEachPublishedOnce()
        }
    }

    @Test(.timeLimit(.minutes(2)), arguments: [1, 3])
    func `whoever uploads alone publishes all but what a lost answer leaves open`(number: Int) async throws {
        try await FaultBench.with { bench in
            bench.service.setFaults(plan(losing: number))
            var options = SubmitOptions()
            options.whenUnlisted = .upload
            for run in 1...2 {
                let failures = try await bench.submit(options)
                #expect(failures.map(\.kind) == [.temporary], "run \(run): \(failures)")
                #expect(failures.allSatisfy { $0.reason.contains("list") }, "run \(run): \(failures)")
                // What the clip was asked for again with, before the list was seen to be blind, is removed.
                let states = try bench.states().filter { $0 != "Deleted" }.sorted()
                #expect(states == ["PendingUpload", "Published", "Published"], "run \(run)")
            }
        }
    }

    @Test(.timeLimit(.minutes(2)), arguments: [1, 20, 30])
    func `no block goes up before a list that lags shows the clip`(seconds: Int) async throws {
        try await FaultBench.with { bench in
            var plan = FaultPlan()
            plan.listLag = .seconds(seconds)
            bench.service.setFaults(plan)
            #expect(try await bench.submit() == [])
            try bench.expectEachPublishedOnce()
            let log = bench.service.requests
            for asked in log where asked.route == .initialUpload {
                let first = try #require(log.first { $0.route == .block && $0.clip == asked.clip })
                #expect(asked.time.date.distance(to: first.time.date) > Double(seconds) - 0.001)
            }
        }
    }
}

extension String {
    /// One of its lines has both.
    fileprivate func hasLine(about clip: String, with word: String) -> Bool {
        split(separator: "\n").contains { $0.contains(clip) && $0.localizedStandardContains(word) }
    }
}
