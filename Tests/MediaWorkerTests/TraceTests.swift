import Foundation
import TestSupport
import Testing

/// What the kernel sees of a worker, and what a worker does on kernels that lack something.
@Suite(
    .enabled(if: Strace.isThere, "strace is not installed, or may not trace"),
    .enabled(if: Sanitizer.isOff, "\(Sanitizer.liftsTheFilter)"))
struct TraceTests {
    @Test func `after it is locked down a worker opens nothing, connects to nothing and starts nothing`() async throws {
        try await withTemporaryFolder { folder in
            let trace = folder.appending(path: "trace")
            let files =
                try Lures.write(to: folder).map(\.path)
                + sampleNames.map { name in
                    Places.samples.appending(path: "\(name).mp4").path
                }
            let result = try await run(
                "strace", ["-f", "-o", trace.path, Places.clipship, "probe", "--jobs", "2"] + files)
            #expect(result.status == 1)
            let workers = try Strace.workers(in: String(contentsOf: trace, encoding: .utf8))
            #expect(!workers.isEmpty)
            for (_, calls) in workers {
                #expect(calls.contains("pread64"))
                let forbidden: Set = [
                    "open", "openat", "openat2", "creat", "connect", "socket", "bind", "execve", "execveat", "fork",
                    "vfork", "ptrace", "readlink", "stat", "access",
                ]
                #expect(forbidden.isDisjoint(with: calls), "\(forbidden.intersection(calls))")
            }
        }
    }

    @Test(arguments: [
        ("landlock_create_ruleset:error=ENOSYS", "this system has no Landlock"),
        ("seccomp:error=EINVAL", "this system has no system call filter"),
    ])
    func `a kernel without a protection is told of once, and the clips are served`(
        fault: String, warning: String
    ) async throws {
        let files = sampleNames.map { Places.samples.appending(path: "\($0).mp4").path }
        let result = try await run(
            "strace",
            ["-f", "-o", "/dev/null", "-e", "inject=\(fault)", Places.clipship, "probe", "--jobs", "2"] + files)
        #expect(result.status == 0)
        #expect(result.errorText.components(separatedBy: warning).count == 2, "\(result.errorText)")
    }
}

/// The program that shows what a process asks of the kernel.
enum Strace {
    static let isThere: Bool = {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["strace", "-f", "-o", "/dev/null", "true"]
        process.standardError = nil
        guard (try? start(process)) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    /// The calls of each worker and its threads from the moment at which its filter is loaded.
    static func workers(in trace: String) throws -> [Substring: Set<String>] {
        var owner: [Substring: Substring] = [:]
        var calls: [Substring: Set<String>] = [:]
        for line in trace.split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1)
            guard parts.count == 2 else { continue }
            let (id, text) = (parts[0], parts[1].drop { $0 == " " })
            if let worker = owner[id], let name = try /^(?:<\.\.\. )?([a-z0-9_]+)[ (]/.firstMatch(in: text)?.1 {
                calls[worker, default: []].insert(String(name))
                if name.hasPrefix("clone"), let thread = try /= ([0-9]+)$/.firstMatch(in: text)?.1 {
                    owner[thread] = worker
                }
            }
            // The library asks first what the kernel can do, with filters that are none.
            if text.hasPrefix("seccomp(SECCOMP_SET_MODE_FILTER"), text.contains("{len=") {
                owner[id] = id
            }
        }
        return calls
    }
}
