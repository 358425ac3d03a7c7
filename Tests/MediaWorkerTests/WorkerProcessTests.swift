#if DEBUG
import ClipModel
import Foundation
import SystemIO
import TestSupport
import Testing

@testable import MediaWorker

/// A worker without a pool around it.
@Suite struct WorkerProcessTests {
    @Test func `a worker and its nursery end when the program is gone, even in the midst of a file`() async throws {
        let file = try sample("instant-replay")
        for misbehaviour in [Misbehaviour.sleep, nil] {
            let ending = try await BlockingPool("program", width: 1).run {
                let pair = try LocalSocket.pair()
                let nursery = try ChildProcess(
                    Places.clipship, arguments: ["clipship", MediaWorkerProcess.argument],
                    environment: [MediaWorkerProcess.mark: "1"], descriptor: pair.theirs.descriptor)
                let worker = try Self.ask(file, misbehaviour, nursery: pair.ours)
                // The sockets are closed; the processes end by themselves.
                for id in [worker, nursery.id] { while !Self.isOver(id) { usleep(1000) } }
                return nursery.end()
            }
            #expect(ending == .exited(code: 0))
        }
    }

    /// Has a worker started, sends it a request, and hangs up. The worker's id.
    private static func ask(
        _ file: OpenFile, _ misbehaviour: Misbehaviour?, nursery: consuming LocalSocket
    ) throws -> Int32 {
        let orders = Channel(socket: nursery)
        _ = try orders.receive(until: .now + .seconds(30))
        let pair = try LocalSocket.pair()
        try orders.send(
            .order, Array(JSONEncoder().encode(NurseryOrder.start(memory: 1 << 30, mapsColours: false))),
            file: pair.theirs.descriptor)
        let report = try JSONDecoder().decode(
            NurseryReport.self, from: Data(try orders.receive(until: .now + .seconds(30)).bytes))
        guard case .started(let id) = report else { throw Channel.Failure.malformed }
        let channel = Channel(socket: pair.ours)
        _ = try channel.receive(until: .now + .seconds(30))
        var request = WorkerRequest(media: MediaRequest())
        request.misbehaviour = misbehaviour
        try channel.send(.request, Array(JSONEncoder().encode(request)), file: file.descriptor)
        return id
    }

    @Test func `a nursery kills nobody who is not its child`() async throws {
        let ending = try await BlockingPool("program", width: 1).run {
            let pair = try LocalSocket.pair()
            let stranger = try ChildProcess(
                "/bin/sh", arguments: ["sh", "-c", "read line <&3; exit 7"], environment: [:],
                descriptor: pair.theirs.descriptor)
            let orders = try LocalSocket.pair()
            let nursery = try ChildProcess(
                Places.clipship, arguments: ["clipship", MediaWorkerProcess.argument],
                environment: [MediaWorkerProcess.mark: "1"], descriptor: orders.theirs.descriptor)
            let channel = Channel(socket: orders.ours)
            _ = try channel.receive(until: .now + .seconds(30))
            for id in [stranger.id, 0, -1] {
                try channel.send(.order, Array(JSONEncoder().encode(NurseryOrder.end(id: id))))
                _ = try channel.receive(until: .now + .seconds(30))
            }
            // A process that was killed before it was told to go on does not end with its own code.
            try Channel(socket: pair.ours).send(.hello, Array("\n".utf8))
            while !Self.isOver(stranger.id) { usleep(1000) }
            _ = nursery.end()
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
        let times = try await BlockingPool("program", width: 1).run { () throws(MediaError) in
            var times: [Duration] = []
            let nursery = WorkerNursery(program: Places.clipship)
            for _ in 0..<5 {
                let start = ContinuousClock.now
                let worker = try WorkerProcess(nursery, mapsColours: false, WorkerLimits())
                times.append(ContinuousClock.now - start)
                worker.end()
            }
            return times
        }
        let best = try #require(times.min())
        print("a media worker is ready \(Int(best / .milliseconds(1))) ms after it was started, at best")
        #expect(best < .seconds(2))
    }

    @Test func `a nursery that is gone is replaced, and its workers go on`() async throws {
        let nursery = WorkerNursery(program: Places.clipship)
        let pool = MediaWorkerPool(width: 2, nursery: nursery) { _ in }
        let file = try sample("instant-replay")
        _ = try await pool.examine(file, MediaRequest())
        let first = try #require(nursery.id)
        let worker = pool.workerIDs
        kill(first, SIGKILL)
        _ = try await pool.examine(file, MediaRequest())
        #expect(pool.workerIDs == worker)
        async let one = pool.examine(file, MediaRequest())
        async let other = pool.examine(file, MediaRequest())
        _ = try await (one, other)
        #expect(nursery.id != nil)
        await pool.close()
        #expect(pool.workerIDs.isEmpty)
    }

    @Test(.enabled(if: Sanitizer.isOff, "with a sanitizer the program does not divide itself"))
    func `the copy of the program that workers come from has nothing of it`() async throws {
        let environment = ["CLIPSHIP_TOKEN": "a-secret-of-this-test"]
        try await withTemporaryFolder { folder in
            let words = ["serve", "--port", "0", "--data", folder.appending(path: "data").path]
            try await withProgram(Places.clipship, words, environment: environment) { program in
                _ = try await program.printed { $0.outputLines.first { $0.contains("http") } }
                let children = try String(
                    contentsOfFile: "/proc/\(program.id)/task/\(program.id)/children", encoding: .utf8)
                let id = try #require(Int32(children.filter { $0 != " " }))
                // It forgets before it does anything else, but may not have been given the time yet.
                while try String(contentsOfFile: "/proc/\(id)/cmdline", encoding: .utf8).prefix(while: { $0 != "\0" })
                    != "clipship media-worker"
                {
                    usleep(1000)
                }
                // Only root may look into a process that can't be dumped.
                guard geteuid() == 0 else { return print("skipped: needs root") }
                let left = try Data(contentsOf: URL(filePath: "/proc/\(id)/environ"))
                #expect(left.allSatisfy { $0 == 0 })
                let places = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(id)/fd").sorted().map {
                    try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(id)/fd/\($0)")
                }
                #expect(places.dropLast() == ["/dev/null", "/dev/null", "/dev/null"])
                #expect(places.last?.hasPrefix("socket:") == true)
                kill(program.id, SIGKILL)
                while !Self.isOver(id) { usleep(1000) }
            }
        }
    }
}
#endif
