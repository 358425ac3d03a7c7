import Foundation
import TestSupport
import Testing

/// Point 8 of the submission: the token shows nowhere, and nothing goes where it should not.
@Suite(.fewAtOnce) struct SecretTests {
    /// A bench with one clip of 15 blocks, a service, and a gate before it.
    private func withGate(
        allowHosts: String = "", _ body: (Workbench, Service, Gate) async throws -> Void
    ) async throws {
        try await Workbench.with(["boss-fight"]) { bench in
            try await Service.with(bench.folder.appending(path: "data")) { service in
                try service.writeToken(to: bench.folder.appending(path: "token"))
                try await Gate.with(before: service) { gate in
                    try bench.writePipeline(
                        service: """
                            {metadata: "http://127.0.0.1:\(gate.port)", allowHosts: [\(allowHosts)], \
                            token: {command: "cat '\(bench.folder.path)/token'"}}
                            """,
                        more: "blocks: {size: 500kB}\nsubmit: {blocksInFlight: 1}")
                    try await body(bench, service, gate)
                }
            }
        }
    }

    @Test(arguments: [["--verbose"], ["--verbose", "--log-format", "json"]])
    func `the token is in no file, no log, no process's arguments or environment, and no core dump`(
        options: [String]
    ) async throws {
        try await withGate { bench, service, gate in
            // While the clip is measured there are workers; while a block is held the token is in use.
            try await gate.order("hold PUT 5")
            try await gate.order("refuse PUT 3 503")
            try await withProgram(Clipship.path, ["run", bench.pipeline.path] + options, in: bench.folder) { program in
                _ = try await gate.first("held")
                for process in try Self.family(of: program.id) {
                    let arguments = try Data(contentsOf: URL(filePath: "/proc/\(process)/cmdline"))
                    // Nobody but root may look there, which is as good.
                    let environment = try? Data(contentsOf: URL(filePath: "/proc/\(process)/environ"))
                    let seen = arguments + (environment ?? Data())
                    #expect(seen.range(of: Data(service.token.utf8)) == nil, "process \(process)")
                    let limits = try String(contentsOfFile: "/proc/\(process)/limits", encoding: .utf8)
                    let core = limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") }
                    #expect(core?.split(whereSeparator: \.isWhitespace).dropFirst(4).prefix(2) == ["0", "0"])
                }
                try await gate.order("go")
                let end = try await program.end()
                expect(end, exits: 0)
                #expect(end.errorText.contains("PUT") && !end.errorText.contains(service.token))
                #expect(!end.outputText.contains(service.token))
            }
            let own: Set = ["token", "data/tokens.json"]
            for name in try bench.files().subtracting(own) {
                let file = bench.folder.appending(path: name)
                guard let bytes = try? Data(contentsOf: file) else { continue }
                #expect(bytes.range(of: Data(service.token.utf8)) == nil, "\(name)")
            }
        }
    }

    /// A process and its children.
    private static func family(of process: Int32) throws -> [Int32] {
        let tasks = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")
        let children = tasks.flatMap { task in
            let list = try? String(contentsOfFile: "/proc/\(process)/task/\(task)/children", encoding: .utf8)
            return (list ?? "").split(separator: " ").compactMap { Int32($0) }
        }
        return [process] + children
    }

    /// What a service that wants our bytes elsewhere gets: a clip that failed for this reason, and nothing at the place
    /// where they were to go.
    private func expectRefused(
        _ reason: String, _ bench: Workbench, _ service: Service, _ trap: RunningProgram, exits code: Int32 = 1
    ) async throws {
        let result = try await bench.run()
        expect(result, exits: code)
        let entry = try #require(try bench.output.batch["boss-fight"])
        #expect((entry.state == "failed") == (code == 1) && entry.reason?.contains(reason) == true, "\(entry)")
        #expect(trap.printed.outputLines.dropFirst() == [], "nothing was sent there")
    }

    private func withTrap(_ arguments: [String] = [], _ body: (RunningProgram, Int) async throws -> Void) async throws {
        let script = Places.root.appending(path: "Tests/Programs/trap.py").path
        try await withProgram("/usr/bin/python3", [script] + arguments) { trap in
            try await body(trap, try await trap.printed { $0.outputLines.first.flatMap { Int($0) } })
        }
    }

    @Test func `an upload address at another host is refused, and no id is left behind`() async throws {
        try await withGate { bench, service, gate in
            try await withTrap { trap, port in
                try await gate.order("mislead POST 1 http://127.0.0.1:\(port)")
                try await expectRefused(
                    "http://127.0.0.1:\(port) is neither a configured nor an allowed host; nothing was sent to it",
                    bench, service, trap)
                #expect(try await service.list().map(\.state) == [])
            }
        }
    }

    @Test func `a redirect to another host is refused, and what is up by then stays`() async throws {
        try await withGate { bench, service, gate in
            try await withTrap { trap, port in
                try await gate.order("redirect PUT 4 http://127.0.0.1:\(port)/elsewhere")
                try await expectRefused("redirected: http://127.0.0.1:\(port) is neither", bench, service, trap)
                let before = gate.blocks()
                #expect(!before.isEmpty)
                let end = gate.events.count
                expect(try await bench.run(), exits: 0)
                #expect(Set(gate.blocks(since: end)).isDisjoint(with: before.dropLast()))
                #expect(try await service.list().map(\.state) == ["Published"])
            }
        }
    }

    @Test func `a redirect to an allowed host is followed, and the token goes along`() async throws {
        try await withGate { bench, service, gate in
            try bench.change("allowHosts: []", to: "allowHosts: [\"localhost:\(service.port)\"]")
            let other = "http://localhost:\(service.port)/users/me/scids/\(Workbench.scid)/clips"
            try await gate.order("redirect POST 1 \(other)")
            expect(try await bench.run(), exits: 0)
            #expect(gate.events.contains { $0.event == "redirected" && $0.method == "POST" })
            #expect(try await service.list().map(\.state) == ["Published"])
        }
    }

    @Test func `a plain http address of an allowed host is refused`() async throws {
        try await withGate(allowHosts: "\"media.example\"") { bench, service, gate in
            try await withTrap { trap, _ in
                try await gate.order("mislead POST 1 http://media.example")
                try await expectRefused("http://media.example is plain http where https is due", bench, service, trap)
            }
        }
    }

    @Test func `an allowed host whose certificate does not verify gets nothing`() async throws {
        try await withTemporaryFolder { folder in
            let (certificate, key) = (folder.appending(path: "cert.pem").path, folder.appending(path: "key.pem").path)
            try await run(
                "openssl",
                [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out",
                    certificate,
                ]
            ).expectSuccess()
            let reason = "the host's certificate was not accepted"
            try await withTrap([certificate, key]) { trap, port in
                try await withGate(allowHosts: "\"127.0.0.1:\(port)\"") { bench, service, gate in
                    try await gate.order("mislead POST 1 https://127.0.0.1:\(port)")
                    try await expectRefused(reason, bench, service, trap, exits: 75)
                    // It is kept for when the certificate is fine.
                    let id = try bench.output.batch["boss-fight"]?.gameClipId
                    #expect(try await service.list().map(\.gameClipId) == [id])
                    try await expectRefused(reason, bench, service, trap, exits: 75)
                    #expect(try await service.list().map(\.state) == ["PendingUpload"], "no other id is asked for")
                }
            }
        }
    }

    @Test func `a file that changes during the upload is not published, and the reason names the block`() async throws {
        try await withGate { bench, service, gate in
            try await gate.order("hold PUT 5")
            try await withProgram(Clipship.path, ["run", bench.pipeline.path], in: bench.folder) { program in
                _ = try await gate.first("held")
                let file = try FileHandle(forUpdating: bench.clips.appending(path: "boss-fight.mp4"))
                try file.seek(toOffset: 4_250_000)
                try file.write(contentsOf: Data("changed".utf8))
                try file.close()
                try await gate.order("go")
                expect(try await program.end(), exits: 1)
            }
            let entry = try #require(try bench.output.batch["boss-fight"])
            #expect(entry.state == "failed" && entry.reason?.hasPrefix("block 8 is not what its manifest says") == true)
            #expect(gate.blocks() == Array(0..<8), "the changed block was not sent")
            #expect(try await service.list().map(\.state) == [], "no id is left behind")
        }
    }
}
