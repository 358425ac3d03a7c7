import Foundation
import TestSupport
import Testing

/// What the kernel sees of a worker, and what a worker does on kernels that lack something.
@Suite(
    .enabled(if: Strace.isThere, "\(Strace.isAbsent)"),
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

    /// What container profiles refuse that don't know a call, or know it as one for the privileged.
    @Test(arguments: [
        "close_range:error=ENOSYS", "close_range:error=EPERM", "setpgid:error=EPERM", "setpgid:error=ENOSYS",
    ])
    func `without a system call that has another way the clips are served`(fault: String) async throws {
        let result = try await probe(under: fault)
        #expect(result.status == 0, "\(result.errorText)")
    }

    @Test(.timeLimit(.minutes(10)), arguments: ["socketpair:error=EPERM", "clone3:error=EPERM"])
    func `without one that has none its name is told at once`(fault: String) async throws {
        let result = try await probe(under: fault)
        let name = String(fault.prefix { $0 != ":" })
        #expect(result.status == 75 && (result.errorText + result.outputText).contains(name), "\(result.errorText)")
    }

    private func probe(under fault: String) async throws -> ProgramResult {
        let file = Places.samples.appending(path: "instant-replay.mp4").path
        return try await run(
            "strace", ["-f", "-o", "/dev/null", "-e", "inject=\(fault)", Places.clipship, "probe", file])
    }

    @Test func `without /proc the command line is read all the same`() async throws {
        let result = try await run(
            "strace",
            [
                "-f", "-o", "/dev/null", "-P", "/proc/self/cmdline", "-e", "inject=open,openat:error=ENOENT",
                Places.clipship, "--version",
            ])
        #expect(result.status == 0 && result.outputText.hasPrefix("clipship "), "\(result.errorText)")
    }

    @Test func `without /proc work is not begun, and the sentence says what to mount`() async throws {
        let file = Places.samples.appending(path: "instant-replay.mp4").path
        let result = try await run(
            "strace",
            [
                "-f", "-o", "/dev/null", "-P", "/proc/self/task", "-e",
                "inject=access,faccessat,faccessat2:error=ENOENT",
                Places.clipship, "probe", file,
            ])
        #expect(result.status == 75 && result.errorText.contains("mount it"), "\(result.errorText)")
    }

    @Test func `an address of a family that the system lacks is named`() async throws {
        try await withTemporaryFolder { folder in
            let result = try await run(
                "strace",
                [
                    "-f", "-o", "/dev/null", "-e", "inject=socket:error=EAFNOSUPPORT", Places.clipship, "serve",
                    "--host",
                    "::1", "--data", folder.path,
                ])
            #expect(result.status == 2 && result.errorText.contains("not supported"), "\(result.errorText)")
        }
    }

    @Test func `in a run with its own service a missing protection is told of once`() async throws {
        try await withTemporaryFolder { folder in
            let pipeline = folder.appending(path: "pipeline.yaml")
            let text = """
                name: one
                session: \(Places.samples.path)/session.yaml
                clips: ["\(Places.samples.path)/instant-replay.mp4"]
                service: local
                output: out
                """
            try Data(text.utf8).write(to: pipeline)
            let result = try await run(
                "strace",
                [
                    "-f", "-o", "/dev/null", "-e", "inject=landlock_create_ruleset:error=ENOSYS", Places.clipship,
                    "run",
                    pipeline.path,
                ])
            #expect(result.status == 0)
            #expect(result.errorText.components(separatedBy: "no Landlock").count == 2, "\(result.errorText)")
        }
    }
}

extension Strace {
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
            // The library asks first what the kernel can do, with filters that are none. Only a privileged strace reads the
            // filter itself in a process that is not dumpable.
            if text.hasPrefix("seccomp(SECCOMP_SET_MODE_FILTER"), !text.contains("NULL") {
                owner[id] = id
            }
        }
        return calls
    }
}
