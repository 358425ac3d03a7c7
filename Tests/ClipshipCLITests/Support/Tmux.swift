import Foundation
import TestSupport

/// A terminal of tmux with a program on it: what is to be seen can be read, keys typed, the size changed.
struct Tmux {
    private let socket: String

    static let isInstalled = ["/usr/bin/tmux", "/usr/local/bin/tmux"].contains {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    /// Runs `body` beside `command`, which the shell runs in `folder`.
    static func with<Result>(
        _ command: String, columns: Int, in folder: URL, isolation: isolated (any Actor)? = #isolation,
        _ body: (Tmux) async throws -> Result
    ) async throws -> Result {
        let tmux = Tmux(socket: "clipship-\(UUID().uuidString)")
        try await tmux.start([
            "-f", "/dev/null", "-u", "new-session", "-d", "-x", "\(columns)", "-y", "24", "-c", folder.path,
            "-e", "LC_ALL=C.UTF-8", "-e", "NO_COLOR=1", command,
        ])
        do {
            let result = try await body(tmux)
            _ = try? await tmux.tell(["kill-server"])
            return result
        } catch {
            // The server is gone where the program has ended.
            _ = try? await tmux.tell(["kill-server"])
            throw error
        }
    }

    /// The server stays behind: what it inherited would keep Foundation waiting for the end of the process. It ends itself
    /// by a signal, which threads of a test have blocked.
    private func start(_ arguments: [String]) async throws {
        let script = """
            import os, signal, sys
            os.closerange(3, 1024)
            signal.pthread_sigmask(signal.SIG_SETMASK, [])
            os.execvp("tmux", ["tmux"] + sys.argv[1:])
            """
        try await run(
            "/usr/bin/python3", ["-c", script, "-L", socket] + arguments,
            environment: ["LC_ALL": "C.UTF-8", "TMUX": ""]
        ).expectSuccess()
    }

    @discardableResult
    private func tell(_ arguments: [String]) async throws -> String {
        let result = try await run("tmux", ["-L", socket] + arguments, environment: ["LC_ALL": "C.UTF-8", "TMUX": ""])
        try result.expectSuccess()
        return result.outputText
    }

    func type(_ keys: String...) async throws { try await tell(["send-keys"] + keys) }

    func resize(columns: Int) async throws { try await tell(["resize-window", "-x", "\(columns)", "-y", "24"]) }

    /// The lines that are to be seen now, without the empty ones at the end.
    func lines() async throws -> [String] {
        var lines = try await tell(["capture-pane", "-p"]).split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    /// The first value that `find` sees in the lines.
    func first<Value>(within limit: Duration = .seconds(20), _ find: ([String]) -> Value?) async throws -> Value {
        let end = ContinuousClock.now + limit
        while true {
            let lines = try await lines()
            if let value = find(lines) { return value }
            guard ContinuousClock.now < end else { throw NeverSeen(lines: lines) }
        }
    }

    struct NeverSeen: Error { var lines: [String] }
}
