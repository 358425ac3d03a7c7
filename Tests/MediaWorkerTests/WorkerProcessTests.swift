import ClipModel
import Foundation
import SystemIO
import TestSupport
import Testing

@testable import MediaWorker

/// A worker without a pool around it.
@Suite struct WorkerProcessTests {
    @Test func `a worker and its fork server end when the program is gone, even in the midst of a file`() async throws {
        try await withTemporaryFolder { folder in
            let sleeper = folder.appending(path: "sleep.mp4")
            try Misbehaviour.sleep.write(to: sleeper)
            for file in [try OpenFile(sleeper.path), try sample("instant-replay")] {
                let ending = try await BlockingPool("program", width: 1).run {
                    let pair = try LocalSocket.pair()
                    let forkServer = try ChildProcess(
                        Misbehaviour.program, arguments: ["clipship-media"], environment: [:],
                        descriptor: pair.theirs.descriptor)
                    let worker = try Self.ask(file, forkServer: pair.ours)
                    // The sockets are closed; the processes end by themselves.
                    for id in [worker, forkServer.id] { while !Self.isOver(id) { usleep(1000) } }
                    return forkServer.end()
                }
                #expect(ending == .exited(code: 0))
            }
        }
    }

    /// Has a worker started, sends it a request, and hangs up. The worker's id.
    private static func ask(_ file: OpenFile, forkServer: consuming LocalSocket) throws -> Int32 {
        let orders = Channel(socket: forkServer)
        _ = try orders.receive(until: .now + .seconds(30))
        let pair = try LocalSocket.pair()
        try orders.send(
            .order,
            Array(
                JSONEncoder().encode(
                    Numbered(number: 1, content: ForkServerOrder.start(memory: 1 << 30, mapsColours: false)))),
            file: pair.theirs.descriptor)
        let report = try JSONDecoder().decode(
            Numbered<ForkServerReport>.self, from: Data(try orders.receive(until: .now + .seconds(30)).bytes))
        guard report.number == 1, case .started(let id) = report.content else { throw Channel.Failure.malformed }
        let channel = Channel(socket: pair.ours)
        _ = try channel.receive(until: .now + .seconds(30))
        try channel.send(.request, Array(JSONEncoder().encode(MediaRequest())), file: file.descriptor)
        return id
    }

    @Test func `a fork server kills nobody who is not its child`() async throws {
        let ending = try await BlockingPool("program", width: 1).run {
            let pair = try LocalSocket.pair()
            let stranger = try ChildProcess(
                "/bin/sh", arguments: ["sh", "-c", "read line <&3; exit 7"], environment: [:],
                descriptor: pair.theirs.descriptor)
            let orders = try LocalSocket.pair()
            let forkServer = try ChildProcess(
                Places.clipshipMedia, arguments: ["clipship-media"], environment: [:],
                descriptor: orders.theirs.descriptor)
            let channel = Channel(socket: orders.ours)
            _ = try channel.receive(until: .now + .seconds(30))
            for id in [stranger.id, 0, -1] {
                let order = Numbered(number: 1, content: ForkServerOrder.end(id: id))
                try channel.send(.order, Array(JSONEncoder().encode(order)))
                _ = try channel.receive(until: .now + .seconds(30))
            }
            // A process that was killed before it was told to go on does not end with its own code.
            try Channel(socket: pair.ours).send(.hello, Array("\n".utf8))
            while !Self.isOver(stranger.id) { usleep(1000) }
            _ = forkServer.end()
            return stranger.end()
        }
        #expect(ending == .exited(code: 7))
    }

    private static func isOver(_ id: Int32) -> Bool {
        let status = try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8)
        guard let status else { return true }
        // The first thread may be gone while another one still holds the socket.
        return status.contains("\nState:\tZ") && status.contains("\nThreads:\t1\n")
    }

    @Test func `starting a worker takes a fraction of a second`() async throws {
        var times: [Duration] = []
        let forkServer = ForkServer()
        for _ in 0..<5 {
            let start = ContinuousClock.now
            let worker = try await WorkerProcess(forkServer, mapsColours: false, WorkerLimits())
            _ = try await BlockingPool("program", width: 1).run { try worker.hello() }
            times.append(ContinuousClock.now - start)
            await worker.end()
        }
        await forkServer.close()
        let best = try #require(times.min())
        print("a media worker is ready \(Int(best / .milliseconds(1))) ms after it was started, at best")
        #expect(best < .seconds(2))
    }

    @Test func `a fork server that is gone is replaced, and its workers go on`() async throws {
        let forkServer = ForkServer()
        let pool = MediaWorkerPool(width: 2, forkServer: forkServer) { _ in }
        let file = try sample("instant-replay")
        _ = try await pool.examine(file, MediaRequest())
        let first = try #require(await forkServer.id)
        let worker = pool.workerIDs
        kill(first, SIGKILL)
        _ = try await pool.examine(file, MediaRequest())
        #expect(pool.workerIDs == worker)
        async let one = pool.examine(file, MediaRequest())
        async let other = pool.examine(file, MediaRequest())
        _ = try await (one, other)
        #expect(await forkServer.id != nil)
        await pool.close()
        #expect(pool.workerIDs.isEmpty)
    }

    @Test func `the process that workers come from is started when it is asked for, and has nothing of the program`()
        async throws
    {
        let forkServer = ForkServer()
        let pool = MediaWorkerPool(width: 1, forkServer: forkServer) { _ in }
        #expect(await forkServer.id == nil)
        pool.prepare()
        while await forkServer.id == nil { try await Task.sleep(for: .milliseconds(1)) }
        let id = try #require(await forkServer.id)
        let process = URL(filePath: "/proc/\(id)")
        // Until the system has put the program in place, it is still the one that started it.
        let commandLine = process.appending(path: "cmdline")
        while try Data(contentsOf: commandLine) != Data("clipship-media\0".utf8) {
            try await Task.sleep(for: .milliseconds(1))
        }
        let names = try Data(contentsOf: process.appending(path: "environ")).split(separator: 0).map {
            String(decoding: $0.prefix { $0 != UInt8(ascii: "=") }, as: UTF8.self)
        }
        #expect(Set(names).isSubset(of: forkServerEnvironment), "\(names)")
        let descriptors = process.appending(path: "fd").path
        for (descriptor, place) in [("0", "/dev/null"), ("1", "/dev/null"), ("3", "socket:")] {
            let link = try FileManager.default.destinationOfSymbolicLink(atPath: "\(descriptors)/\(descriptor)")
            #expect(link.hasPrefix(place))
        }
        _ = try await pool.examine(try sample("instant-replay"), MediaRequest())
        #expect(await forkServer.id == id, "it is what the first worker comes from")
        await pool.close()
        await forkServer.close()
        #expect(kill(id, 0) == -1 && errno == ESRCH)
    }

    @Test func `a worker that is about to end is waited for before the process that it comes from is ended`()
        async throws
    {
        let forkServer = ForkServer()
        let worker = try await WorkerProcess(forkServer, mapsColours: false, .patient)
        _ = try await BlockingPool("program", width: 1).run { try worker.hello() }
        let id = try #require(await forkServer.id)
        kill(worker.id, SIGUSR1)
        while !Self.isOver(worker.id) { await Task.yield() }
        kill(id, SIGSTOP)
        async let end = worker.end()
        while await forkServer.ending.isEmpty { await Task.yield() }
        async let close: Void = forkServer.close()
        kill(id, SIGCONT)
        // Otherwise nobody learns how it ended, nor what time it took.
        let ending = await end
        #expect(ending == .signalled(SIGUSR1))
        await close
        #expect(kill(id, 0) == -1 && errno == ESRCH)
    }

    @Test func `one that is gone before the first worker is wanted is replaced`() async throws {
        let forkServer = ForkServer()
        let pool = MediaWorkerPool(width: 1, forkServer: forkServer) { _ in }
        pool.prepare()
        while await forkServer.id == nil { try await Task.sleep(for: .milliseconds(1)) }
        let first = try #require(await forkServer.id)
        kill(first, SIGKILL)
        _ = try await pool.examine(try sample("instant-replay"), MediaRequest())
        #expect(await forkServer.id != first)
        await pool.close()
    }

    @Test func `one that is asked for and can't be started holds nobody up, and a worker says why`() async throws {
        let pool = MediaWorkerPool(width: 1, forkServer: ForkServer(program: "/nonexistent/clipship-media")) { _ in }
        pool.prepare()
        let error = await refusal(of: try sample("instant-replay"), by: pool)
        #expect(
            error
                == MediaError(
                    .workerUnavailable,
                    "The media worker can't be started: can't start /nonexistent/clipship-media: "
                        + "No such file or directory."))
    }

    @Test func `one that does not get ready in time is not waited for with each file`() async throws {
        try await withTemporaryFolder { folder in
            let program = folder.appending(path: "clipship-media").path
            try await run(
                "/bin/sh",
                ["-c", "printf '#!/bin/sh\\nread line <&3\\n' >\(program) && chmod 755 \(program)"]
            ).expectSuccess()
            var limits = WorkerLimits()
            limits.start = .milliseconds(100)
            let forkServer = ForkServer(program: program)
            let pool = MediaWorkerPool(width: 1, forkServer: forkServer, limits: limits) { _ in }
            let file = try sample("instant-replay")
            let first = await refusal(of: file, by: pool)
            #expect(first?.kind == .workerUnavailable)
            #expect(await forkServer.starts == 1)
            // For a while it is believed that another would be as slow.
            let second = await refusal(of: file, by: pool)
            #expect(second == first)
            #expect(await forkServer.starts == 1)
        }
    }

    @Test func `one of another version is refused`() async throws {
        try await withTemporaryFolder { folder in
            let program = folder.appending(path: "clipship-media").path
            let hello = #"{"version":"9.9.9"}"#
            // The frame's header: the kind, and how many bytes follow.
            let script =
                "#!/bin/sh\nprintf '\\2\\0\\0\\0\\\(String(hello.utf8.count, radix: 8))\\0\\0\\0\(hello)' >&3\nread line\n"
            // By another process: while one of this is being started, what is open here for writing can't be.
            try await run("/bin/sh", ["-c", "cat >\(program) && chmod 755 \(program)"], input: Data(script.utf8))
                .expectSuccess()
            let pool = MediaWorkerPool(width: 1, forkServer: ForkServer(program: program)) { _ in }
            let error = await refusal(of: try sample("instant-replay"), by: pool)
            #expect(
                error
                    == MediaError(
                        .workerUnavailable,
                        "The media worker can't be started: \(program) is of version 9.9.9 and clipship of version "
                            + "\(Version.current); install both again."))
        }
    }
}
