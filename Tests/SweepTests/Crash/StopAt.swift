import Foundation
import TestSupport

/// `Tests/Programs/stop-at.c`: ends a program just before the nth of its steps that anybody else could see.
struct StopAt {
    private let library: URL

    /// Compiles it in `folder`.
    init(in folder: URL) async throws {
        library = folder.appending(path: "stop-at.so")
        let source = Places.root.appending(path: "Tests/Programs/stop-at.c").path
        try await run("cc", ["-shared", "-fPIC", "-o", library.path, source]).expectSuccess()
    }

    /// What a program has to have in its environment to be stopped.
    ///
    /// - Parameters:
    ///   - step: From 1; 0 to go through to the end.
    ///   - log: Where the program is to tell how far it came.
    func environment(step: Int, log: URL) -> [String: String] {
        ["LD_PRELOAD": library.path, "STOP_AT": "\(step)", "STOP_AT_LOG": log.path]
    }

    /// How far a program came.
    struct Place: CustomStringConvertible {
        var steps: Int
        /// What it was about to do; `end` if it came to its end.
        var description: String

        init(reading log: URL) throws {
            let words = try String(contentsOf: log, encoding: .utf8).split(separator: " ", maxSplits: 1)
            steps = words.first.flatMap { Int($0) } ?? 0
            description = words.last.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) } ?? ""
        }
    }
}
