import ClipModel
import Foundation
import MediaWorker
import SystemIO
import TestSupport
import Testing

/// What a worker can't do.
@Suite(.enabled(if: Sanitizer.isOff, "\(Sanitizer.liftsTheFilter)"))
struct LockDownTests {
    @Test func `every thread of a worker is under the filter and can gain no privileges`() async throws {
        try await withPool { pool in
            _ = try await pool.examine(try sample("instant-replay"), MediaRequest())
            let id = try #require(pool.workerIDs.first)
            let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(id)/task")
            #expect(!threads.isEmpty)
            for thread in threads {
                let status = try String(contentsOfFile: "/proc/\(id)/task/\(thread)/status", encoding: .utf8)
                #expect(status.contains("\nSeccomp:\t2\n"))
                #expect(status.contains("\nNoNewPrivs:\t1\n"))
            }
            let limits = try String(contentsOfFile: "/proc/\(id)/limits", encoding: .utf8)
            for (name, value) in [("Max core file size", "0"), ("Max file size", "0"), ("Max open files", "16")] {
                let line = limits.split(separator: "\n").first { $0.hasPrefix(name) }
                #expect(line?.dropFirst(26).split(separator: " ").prefix(2).map(String.init) == [value, value])
            }
            #expect(
                limits.split(separator: "\n").contains {
                    $0.hasPrefix("Max address space") && !$0.contains("unlimited")
                })
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root may look into a process that can't be dumped"))
    func `a worker has nothing of the program but its socket`() async throws {
        try await withPool { pool in
            _ = try await pool.examine(try sample("instant-replay"), MediaRequest())
            let id = try #require(pool.workerIDs.first)
            let places = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(id)/fd").sorted().map {
                try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(id)/fd/\($0)")
            }
            #expect(places.dropLast() == ["/dev/null", "/dev/null", "/dev/null"])
            #expect(places.last?.hasPrefix("socket:") == true)
            let environment = try Data(contentsOf: URL(filePath: "/proc/\(id)/environ"))
            let names = environment.split(separator: 0).map {
                String(decoding: $0.prefix { $0 != UInt8(ascii: "=") }, as: UTF8.self)
            }
            #expect(Set(names).isSubset(of: forkServerEnvironment), "\(names)")
        }
    }

    @Test func `nobody becomes a worker by typing it`() async throws {
        let worker = try await run(Places.clipshipMedia, [])
        #expect(worker.status == 2)
        #expect(
            worker.errorText
                == "clipship-media \(Version.current): clipship starts it to look at clips; by itself it does nothing\n"
        )
        #expect(!(try await run(Places.clipship, ["--help"])).outputText.contains("worker"))
    }

    @Test func `files that are something else are refused`() async throws {
        try await withTemporaryFolder { folder in
            let lures = try Lures.write(to: folder)
            try await withPool { pool in
                var kinds: [MediaError.Kind?] = []
                for lure in lures { kinds.append(await refusal(of: try OpenFile(lure.path), by: pool)?.kind) }
                #expect(kinds == [.notMP4, .notMP4, .notMP4, .externalMedia])
            }
        }
    }
}
