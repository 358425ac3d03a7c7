#if DEBUG
import Foundation
import MediaKit
import SystemIO
import TestSupport
import Testing

@testable import MediaWorker

/// A worker without a pool around it.
@Suite struct WorkerProcessTests {
    @Test func `a worker ends when the program is gone, even in the midst of a file`() async throws {
        let file = try sample("instant-replay")
        for misbehaviour in [Misbehaviour.sleep, nil] {
            let ending = try await BlockingPool("program", width: 1).run {
                let pair = try LocalSocket.pair()
                let child = try ChildProcess(
                    Places.clipship, arguments: ["clipship", MediaWorkerProcess.argument, "1000000000"],
                    environment: [MediaWorkerProcess.mark: "1"], descriptor: pair.theirs.descriptor)
                let id = child.id
                try Self.ask(file, misbehaviour, over: pair.ours)
                // The socket is closed; the process ends by itself.
                while !Self.isOver(id) { usleep(1000) }
                return child.end()
            }
            #expect(ending == .exited(code: 0))
        }
    }

    /// Sends a request once the worker is ready, and hangs up.
    private static func ask(_ file: OpenFile, _ misbehaviour: Misbehaviour?, over socket: consuming LocalSocket) throws
    {
        let channel = Channel(socket: socket)
        _ = try channel.receive(until: .now + .seconds(30))
        var request = WorkerRequest(media: MediaRequest())
        request.misbehaviour = misbehaviour
        try channel.send(.request, Array(JSONEncoder().encode(request)), file: file.descriptor)
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
            for _ in 0..<5 {
                let start = ContinuousClock.now
                let worker = try WorkerProcess(Places.clipship, WorkerLimits())
                times.append(ContinuousClock.now - start)
                worker.end()
            }
            return times
        }
        let best = try #require(times.min())
        print("a media worker is ready \(Int(best / .milliseconds(1))) ms after it was started, at best")
        #expect(best < .seconds(2))
    }
}
#endif
