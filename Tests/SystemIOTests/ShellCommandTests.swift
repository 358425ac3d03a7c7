import Foundation
import SystemIO
import TestSupport
import Testing

@Suite struct ShellCommandTests {
    private func output(of line: String, hiding hidden: Set<String> = [], limit: Int = 60) async throws -> String {
        String(decoding: try await ShellCommand.output(of: line, hiding: hidden, limit: limit), as: UTF8.self)
    }

    @Test func `a command that is done talking is waited for, and how it ends counts`() async throws {
        #expect(try await output(of: "echo done; exec >&-") == "done\n")
        await #expect(throws: ShellCommandError.failed(status: 3, signal: 0)) {
            try await output(of: "exec >&-; exit 3")
        }
    }

    @Test(arguments: ["exec >&-; exec sleep 100", "sleep 100"])
    func `one that goes on after its time is killed`(line: String) async throws {
        await #expect(throws: ShellCommandError.tooSlow(seconds: 1)) { try await output(of: line, limit: 1) }
    }

    @Test(arguments: ["exec >&-; exec sleep 100", "sleep 100"])
    func `one is killed when its task is cancelled`(line: String) async throws {
        let work = Task { try await output(of: line) }
        work.cancel()
        await #expect(throws: ShellCommandError.cancelled) { try await work.value }
    }

    @Test func `what a command has started is killed with it`() async throws {
        // A child in the background, one of the foreground that ignores what can be ignored, and a grandchild.
        let line = """
            sleep 601 & echo $! >&2
            (trap '' TERM INT HUP; sh -c 'echo $$; exec sleep 602' >&2; sleep 603); sleep 604
            """
        try await withTemporaryFolder { folder in
            let list = folder.appending(path: "list").path
            await #expect(throws: ShellCommandError.tooSlow(seconds: 1)) {
                try await output(of: "exec 2> '\(list)'; echo $$ >&2; \(line)", limit: 1)
            }
            let ids = try String(contentsOfFile: list, encoding: .utf8).split(separator: "\n").compactMap { Int32($0) }
            #expect(ids.count == 3)
            for id in ids { #expect(!isRunning(id), "process \(id)") }
        }
    }

    @Test func `one that prints too much is killed`() async throws {
        await #expect(throws: ShellCommandError.tooMuchOutput) { try await output(of: "yes") }
    }

    @Test func `a command sees no hidden variable, and all others`() async throws {
        let all = try await output(of: "env")
        let some = try await output(of: "env", hiding: ["PATH"])
        #expect(all.contains("\nPATH=") || all.hasPrefix("PATH="))
        #expect(!some.contains("\nPATH=") && !some.hasPrefix("PATH="))
        #expect(some.contains("PWD="))
    }

    @Test func `a command has no descriptor of this process but the standard ones`() async throws {
        let descriptor = fcntl(STDERR_FILENO, F_DUPFD, 200)
        try #require(descriptor >= 200)
        defer { close(descriptor) }
        let found = try await output(
            of: "[ -e /proc/self/fd/2 ] && echo standard; [ ! -e /proc/self/fd/\(descriptor) ]")
        #expect(found == "standard\n")
    }

    @Test func `signals that this process ignores end a command all the same`() async throws {
        signal(SIGPIPE, SIG_IGN)
        await #expect(throws: ShellCommandError.failed(status: 0, signal: SIGPIPE)) {
            try await output(of: "kill -PIPE $$")
        }
        await #expect(throws: ShellCommandError.failed(status: 0, signal: SIGINT)) {
            try await output(of: "kill -INT $$")
        }
    }
}
