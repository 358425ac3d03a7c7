import Foundation
import SystemIO
import TestSupport
import Testing

/// A service whose answers never end, come in drops, lie or go in circles: a run ends, with the right code and in little memory,
/// and once the service is honest the same command publishes the clip once. And a gateway that holds, doubles and reorders.
@Suite(.serialized, .timeLimit(.minutes(60)), .enabled(if: Sanitizer.isOff, "a sanitizer needs more of everything"))
struct HostileServiceTests {
    /// Bytes.
    private static let mostMemory = 100_000_000

    /// One kind of answer to one kind of call.
    private struct Case: Sendable {
        var kind: String
        var method = "GET"
        var codes: Set<Int32> = [75]
        /// Takes a limit of a minute or two to be noticed, or some seconds of this processor.
        var isLong = false
        /// What the command needs besides, once the service is honest.
        var more: [String] = []
    }

    /// What is slow or gets lost may pass; an answer that is none has to be mended by whoever gives it.
    private static let cases: [Case] =
        ["drip-head", "drip-body", "never"].map { Case(kind: $0, isLong: true) }
        + ["cut", "no-http", "closed", "two-lengths", "endless-line", "wait-for-ever"].map { Case(kind: $0) }
        + [
            "endless-head", "endless-body", "bomb", "deep", "many-values", "one-token", "no-json",
            "other-shape", "nulls", "huge-numbers", "strange-status", "loop", "long-reason", "endless-interim",
            "large-page",
        ].map { Case(kind: $0, codes: [1]) }
        + ["endless-chunks", "endless-pages", "endless-pages-of-ours", "empty-pages"].map {
            Case(kind: $0, codes: [1, 75], isLong: true)
        }
        + ["drip-body", "never"].map { Case(kind: $0, method: "POST", isLong: true) }
        + [
            "endless-head", "endless-body", "many-values", "no-json", "other-shape", "nothing", "nulls", "cut",
            "closed",
        ]
        .map { Case(kind: $0, method: "POST") }
        + ["other-scheme", "strange-status", "loop", "long-reason"].map {
            Case(kind: $0, method: "POST", codes: [1, 75])
        }
        + [Case(kind: "other-host", method: "POST", codes: [1, 75], isLong: true)]
        // A plain no to bytes ends the upload, and another begins when somebody says so.
        + [Case(kind: "long-reason", method: "PUT", codes: [1], more: ["--recreate"])]
        + ["drip-body", "never", "nothing", "strange-status"].map {
            Case(kind: $0, method: "PUT", codes: [1, 75], isLong: true)
        }
        + ["endless-head", "endless-body", "bomb", "no-http", "closed"].map {
            Case(kind: $0, method: "PUT", codes: [1, 75])
        }

    private func withService(_ body: (SweptService, URL) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let clips = folder.appending(path: "clips")
            try FileManager.default.createDirectory(at: clips, withIntermediateDirectories: true)
            let sample = Places.samples.appending(path: "instant-replay.mp4").path
            try await run("cp", ["-p", sample, clips.path]).expectSuccess()
            try await SweptService.with(in: folder) { try await body($0, folder) }
        }
    }

    private func writePipeline(_ round: Int, _ gate: HostileGate, in folder: URL) throws -> String {
        let name = "pipeline-\(round).yaml"
        let text = """
            session: {scid: \(SweptService.scid(of: round)), titleId: 1, sessionRef: hostile, title: Sweep}
            clips: ["clips/*.mp4"]
            thumbnails: {source: Offset, offset: 0}
            blocks: {size: 100kB}
            service: {metadata: "http://127.0.0.1:\(gate.port)", token: {env: SWEEP_TOKEN}}
            output: out-\(round)
            """
        try Data(text.utf8).write(to: folder.appending(path: name))
        return name
    }

    private static let environment = ["SWEEP_TOKEN": SweptService.token]

    /// What was not finished is by the same command; nothing that waits for bytes is left.
    private func finish(
        _ round: Int, _ pipeline: String, _ place: String, _ service: SweptService, _ folder: URL, more: [String] = []
    ) async throws {
        // What came late at last is removed by the next run, if it was not by this.
        for _ in 1...2 {
            let result = try await run(
                Places.clipship, ["run", pipeline] + more, in: folder, environment: Self.environment)
            #expect(result.status == 0, "\(place)\n\(result.outputText)\(result.errorText)")
        }
        let there = try service.clips(of: round).filter { !$0.isDeleted }
        #expect(there.map(\.state) == ["Published"], "\(place)")
        if let clip = there.first {
            let file = folder.appending(path: "clips/instant-replay.mp4")
            #expect(try service.storedFile(of: clip.id) == Data(contentsOf: file), "\(place)")
        }
    }

    @Test func `a service that is endless, slow, lying or goes in circles ends a run with the right code`() async throws
    {
        try await withService { service, folder in
            let cases = Self.cases.filter { Sweep.isLong || !$0.isLong }
            let waiting = Locked(Array(cases.enumerated())[...])
            let peaks = Locked<[String: Int]>([:])
            try await withThrowingTaskGroup(of: Void.self) { group in
                // What is slow only waits.
                for _ in 0..<(Sweep.isLong ? 6 : 3) {
                    group.addTask {
                        while let (index, one) = waiting.withLock({ $0.popFirst() }) {
                            try await meet(one, index + 1, service, folder, peaks)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let most = peaks.withLock { $0.max { $0.value < $1.value } }
            Sweep.say(
                "\(cases.count) kinds of answers; most memory: \(most.map { "\($0.value) bytes, \($0.key)" } ?? "")")
        }
    }

    private func meet(
        _ one: Case, _ round: Int, _ service: SweptService, _ folder: URL, _ peaks: Locked<[String: Int]>
    ) async throws {
        try await HostileGate.with(before: service) { gate in
            let pipeline = try writePipeline(round, gate, in: folder)
            try await gate.order("be \(one.kind) \(one.method)")
            let place = "\(one.method) \(one.kind)"
            let (result, peak): (ProgramResult, Int)
            do {
                (result, peak) = try await measured(
                    Places.clipship, ["run", pipeline, "--retry-for", "1s"], in: folder, within: 900,
                    environment: Self.environment)
            } catch {
                Issue.record("\(place): \(error)")
                return
            }
            peaks.withLock { $0[place] = peak }
            let said = result.outputText + result.errorText
            #expect(one.codes.contains(result.status), "\(place): exit code \(result.status)\n\(said.prefix(2_000))")
            #expect(peak < Self.mostMemory, "\(place): \(peak) bytes")
            // Whatever the service says, its words fit on some lines.
            #expect(said.utf8.count < 20_000, "\(place): \(said.utf8.count) bytes")
            try await gate.order("honest")
            try await finish(round, pipeline, place, service, folder, more: one.more)
        }
    }

    @Test func `a gateway that holds, doubles and reorders requests doubles and leaves nothing`() async throws {
        try await withService { service, folder in
            let seeds = Sweep.isLong ? 60 : 3
            var ends: [Int32: Int] = [:]
            for round in 1...seeds {
                try await HostileGate.with(before: service) { gate in
                    let pipeline = try writePipeline(round, gate, in: folder)
                    try await gate.order("chaos \(Sweep.seed + UInt64(round))")
                    let result = try await run(
                        Places.clipship, ["run", pipeline, "--retry-for", "3s"], in: folder,
                        environment: Self.environment)
                    let place = "seed \(Sweep.seed + UInt64(round))"
                    #expect([0, 75].contains(result.status), "\(place)\n\(result.outputText)\(result.errorText)")
                    ends[result.status, default: 0] += 1
                    try await gate.order("honest")
                    try await finish(round, pipeline, place, service, folder)
                }
            }
            Sweep.say("\(seeds) runs behind a gateway, by their exit codes: \(ends)")
        }
    }
}
