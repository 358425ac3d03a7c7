import Foundation
import TestSupport
import Testing

/// One of several who submit the same clips.
struct Participant: Sendable {
    let name: String
    let place: URL
    let preloaded: Preloaded
    /// The address of the service.
    let service: String

    /// How often a command is repeated at most.
    private static let mostRuns = 30

    var output: URL { place.appending(path: "out") }
    private var log: URL { place.appending(path: "steps") }
    private var requests: URL { place.appending(path: "requests") }
    private var words: [String] { ["run", place.appending(path: "pipeline.yaml").path] }

    private func environment(stoppedAt step: Int?, ahead: Int) -> [String: String] {
        preloaded.environment(step: step, log: log, ahead: ahead, requests: requests)
            .merging(["SWEEP_TOKEN": SweptService.token]) { $1 }
    }

    /// Runs the pipeline, to its end or to the step that it is stopped at.
    ///
    /// - Parameter ahead: By how many seconds its clock is moved.
    func run(stoppedAt step: Int? = nil, ahead: Int = 0) async throws -> ProgramResult {
        try await TestSupport.run(
            Places.clipship, words, environment: environment(stoppedAt: step, ahead: ahead))
    }

    /// Runs the pipeline until it is over or `isEnough`, which must come within a minute, and then interrupts it.
    func run(until isEnough: () throws -> Bool) async throws -> ProgramResult {
        let environment = environment(stoppedAt: nil, ahead: 0)
        return try await withProgram(Places.clipship, words, environment: environment) { program in
            let end = ContinuousClock.now + .seconds(60)
            while try program.printed.status == nil && !isEnough() && ContinuousClock.now < end {
                try await Task.sleep(for: .milliseconds(20))
            }
            if ContinuousClock.now >= end { Issue.record("\(name): what was awaited has not come") }
            program.signal(SIGINT)
            return try await program.end()
        }
    }

    /// Repeats the command until it ends with 0, or in a way that it must not end in.
    ///
    /// - Parameters:
    ///   - steps: Where the first runs are killed.
    ///   - delay: Before the first.
    /// - Returns: How each run ended.
    @discardableResult
    func runUntilDone(
        killedAt steps: [Int] = [], after delay: Duration = .zero, ahead: Int = 0, _ what: String
    ) async throws -> [ProgramResult] {
        try await Task.sleep(for: delay)
        var waiting = steps[...]
        var results: [ProgramResult] = []
        while results.count < Self.mostRuns {
            let step = waiting.popFirst()
            let result = try await run(stoppedAt: step, ahead: ahead)
            results.append(result)
            if result.status == 0 { return results }
            // Whoever waits for another is told to come again.
            guard result.status == 75 || step != nil && result.status == 128 + SIGKILL else { break }
        }
        let last = results.last.map { "\($0.status)\n\($0.errorText)" } ?? ""
        Issue.record("\(what): run \(results.count) of \(name) ends with \(last)")
        return results
    }

    /// The last step of a run that was to be stopped at one.
    func lastStep() throws -> Int { try StopPlace(reading: log).steps }

    /// The first line of each request of all runs.
    func sent() throws -> [String] {
        guard FileManager.default.fileExists(atPath: requests.path) else { return [] }
        return try String(contentsOf: requests, encoding: .utf8).split(separator: "\r\n").map(String.init)
    }

    /// The ids of which deletion was asked for.
    func deleted() throws -> Set<String> {
        let paths = try sent().filter { $0.hasPrefix("DELETE ") }.compactMap {
            $0.split(separator: " ").dropFirst().first
        }
        return Set(paths.compactMap { $0.split(separator: "/").last.map(String.init) })
    }

    /// `clipship status` of the output folder.
    func status(_ more: [String]) async throws -> ProgramResult {
        let words = ["status", output.path] + more + ["--service", service, "--token-env", "SWEEP_TOKEN"]
        return try await TestSupport.run(Places.clipship, words, environment: ["SWEEP_TOKEN": SweptService.token])
    }
}
