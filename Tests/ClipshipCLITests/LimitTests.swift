import Foundation
import TestSupport
import Testing

/// Systems that allow little, and file systems that are full.
@Suite(.fewAtOnce) struct LimitTests {
    /// Runs the pipeline under a limit of the shell's `ulimit`.
    private func run(_ bench: Workbench, under limit: String) async throws -> ProgramResult {
        try await TestSupport.run(
            "sh", ["-c", "ulimit \(limit) && exec \"$0\" run \"$1\"", Clipship.path, bench.pipeline.path],
            in: bench.folder)
    }

    @Test(
        .timeLimit(.minutes(10)), .enabled(if: Sanitizer.isOff, "a sanitizer needs more of everything"),
        arguments: [
            ("-n 30", "only 30 files may be open at once"), ("-n 46", "only 46 files may be open at once"),
            ("-v 400000", "only 390 MiB of address space are allowed"),
        ])
    func `what is too little ends at once with what is needed, and the same command goes on`(
        limit: String, reason: String
    ) async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline()
            let refused = try await run(bench, under: limit)
            expect(refused, exits: 75)
            #expect(refused.errorLines.count == 1 && refused.errorText.contains(reason), "\(refused.errorText)")
            expect(try await bench.run(), exits: 0)
        }
    }

    @Test(.timeLimit(.minutes(10))) func `64 descriptors are enough`() async throws {
        try await Workbench.with(["instant-replay", "hallway-720p", "phone-portrait"]) { bench in
            try bench.writePipeline()
            expect(try await run(bench, under: "-n 64"), exits: 0)
        }
    }

    @Test(
        .timeLimit(.minutes(10)),
        .enabled("small file systems can't be made and mounted here") { try await Self.canMount() })
    func `a full disk ends a run with 75, as often as it is made, and the journal can be read`() async throws {
        try await Workbench.with(["boss-fight", "hallway-720p", "instant-replay"]) { bench in
            try bench.writePipeline()
            let result = try await TestSupport.run(
                "unshare",
                [
                    "-m", "sh", "-c",
                    """
                    set -e
                    truncate -s 10M disk
                    mkfs.ext4 -q -b 1024 disk
                    mkdir out
                    mount -o loop disk out
                    head -c 2M /dev/zero > out/rest
                    for round in 1 2 3; do
                        code=0
                        "$0" run "$1" || code=$?
                        echo "run $code"
                    done
                    "$0" status out >/dev/null
                    umount out
                    """, Clipship.path, bench.pipeline.path,
                ], in: bench.folder)
            expect(result, exits: 0)
            let codes = result.outputLines.filter { $0.hasPrefix("run ") }
            #expect(codes == ["run 75", "run 75", "run 75"], "\(result.errorText)")
        }
    }

    @Test(.timeLimit(.minutes(3)), .enabled(if: Sanitizer.isOff, "a sanitizer needs more of everything"))
    func `half-sent requests at the limit of descriptors keep nobody out of the local service`() async throws {
        try await withTemporaryFolder { folder in
            // Three times as many connections as there are descriptors, each with half a head; then a client.
            let script = """
                import socket, subprocess, sys, time
                program = subprocess.Popen(
                    ["sh", "-c", 'ulimit -n 128 && exec "$0" serve --data data --port 0', sys.argv[1]],
                    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
                address = ("127.0.0.1", int(program.stdout.readline().rsplit(":", 1)[1]))
                held = []
                for _ in range(384):
                    held.append(socket.create_connection(address, timeout=10))
                    held[-1].sendall(b"POST /users/me/scids/x/clips HTTP/1.1\\r\\nHost: x\\r\\nContent-Le")
                began = time.monotonic()
                client = socket.create_connection(address, timeout=40)
                client.sendall(b"GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")
                answer = client.recv(12)
                print(answer.decode(), round(time.monotonic() - began))
                program.terminate()
                print(program.wait())
                """
            let result = try await TestSupport.run("python3", ["-c", script, Clipship.path], in: folder)
            expect(result, exits: 0)
            let lines = result.outputLines
            #expect(lines.first?.hasPrefix("HTTP/1.1 ") == true, "\(result.outputText)\(result.errorText)")
            #expect(lines.last == "0")
        }
    }

    /// As root, where loop devices are there and no container forbids it.
    private static func canMount() async throws -> Bool {
        guard geteuid() == 0 else { return false }
        return try await withTemporaryFolder { folder in
            let script =
                "truncate -s 1M disk && mkfs.ext4 -q -b 1024 disk && mkdir out && mount -o loop disk out && umount out"
            // A program that is not there is one that can't.
            return try await TestSupport.run("unshare", ["-m", "sh", "-c", script], in: folder).status == 0
        }
    }
}
