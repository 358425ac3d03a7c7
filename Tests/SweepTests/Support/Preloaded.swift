import Foundation
import TestSupport

/// Small libraries of `Tests/Programs` that stand between a program and the system.
struct Preloaded: Sendable {
    enum Library: String, CaseIterable {
        /// Ends a program just before the nth of its steps that anybody else could see.
        case stopAt = "stop-at"
        /// Moves its calendar clock.
        case movedClock = "moved-clock"
        /// Has the nth of its calls on files fail.
        case failCall = "fail-call"
        /// Notes the requests that it sends.
        case sentRequests = "sent-requests"
        /// Makes every disk a network disk without locks.
        case sharedDisk = "shared-disk"
    }

    private let paths: [Library: String]

    /// Compiles them in `folder`.
    init(in folder: URL) async throws {
        var paths: [Library: String] = [:]
        for library in Library.allCases { paths[library] = try await compileLibrary(library.rawValue, in: folder) }
        self.paths = paths
    }

    /// What a program has to have in its environment for one of its calls on files below a folder to fail.
    ///
    /// - Parameters:
    ///   - call: Which one, from 1; 0 for none.
    ///   - kind: `temporary` or `permanent`.
    ///   - log: Where it tells how many calls there were, and which one failed.
    ///   - variant: Which of the three errors of its kind, from 0.
    func environment(
        failing call: Int, _ kind: String, variant: Int, below folder: URL, log: URL
    ) -> [String: String] {
        [
            "LD_PRELOAD": paths[.failCall] ?? "", "FAIL_CALL": "\(call)", "FAIL_KIND": kind,
            "FAIL_VARIANT": "\(variant)",
            "FAIL_BELOW": folder.resolvingSymlinksInPath().path, "FAIL_LOG": log.path,
        ]
    }

    /// What a program has to have in its environment.
    ///
    /// - Parameters:
    ///   - step: The step that it is stopped at, from 1; 0 to go through to the end and count them, nil for neither.
    ///   - log: Where it tells how far it came.
    ///   - ahead: By how many seconds its clock is moved.
    ///   - requests: Where its requests are noted; nil for nowhere.
    ///   - sharesDisk: What it works on is a network disk.
    func environment(
        step: Int? = nil, log: URL? = nil, ahead: Int = 0, requests: URL? = nil, sharesDisk: Bool = false
    ) -> [String: String] {
        var environment: [String: String] = [:]
        var used: [Library] = []
        if let step, let log {
            used.append(.stopAt)
            environment.merge(["STOP_AT": "\(step)", "STOP_AT_LOG": log.path]) { $1 }
        }
        if ahead != 0 {
            used.append(.movedClock)
            environment["MOVED_CLOCK"] = "\(ahead)"
        }
        if let requests {
            used.append(.sentRequests)
            environment["SENT_REQUESTS"] = requests.path
        }
        if sharesDisk { used.append(.sharedDisk) }
        if !used.isEmpty {
            environment["LD_PRELOAD"] = used.compactMap { paths[$0] }.joined(separator: ":")
        }
        return environment
    }
}

/// How far a program came that `stop-at.c` stopped, or let go to its end; or what `fail-call.c` had fail.
struct StopPlace: CustomStringConvertible {
    var steps: Int
    /// What it was about to do; `end` if it came to its end.
    var description: String

    init(reading log: URL) throws {
        let words = try String(contentsOf: log, encoding: .utf8).split(separator: " ", maxSplits: 1)
        steps = words.first.flatMap { Int($0) } ?? 0
        description = words.last.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) } ?? ""
    }
}
