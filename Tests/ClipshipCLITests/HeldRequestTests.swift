import Foundation
import TestSupport
import Testing

/// Something between clipship and the service keeps the request for an id, and lets it through when nobody expects it.
@Suite(.fewAtOnce, .timeLimit(.minutes(3))) struct HeldRequestTests {
    private func withGate(_ body: (Workbench, Service, Gate) async throws -> Void) async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try await Service.with(bench.folder.appending(path: "data")) { service in
                try service.writeToken(to: bench.folder.appending(path: "token"))
                try await Gate.with(before: service) { gate in
                    try bench.writePipeline(
                        service: "{metadata: \"http://127.0.0.1:\(gate.port)\", token: {file: token}}")
                    try await body(bench, service, gate)
                }
            }
        }
    }

    /// Lets the request through and waits until the service has answered it.
    private func letThrough(_ gate: Gate) async throws {
        let count = gate.events.count { $0.method == "POST" && $0.event == "answered" }
        try await gate.order("go")
        _ = try await gate.program.printed { _ in
            gate.events.count { $0.method == "POST" && $0.event == "answered" } > count ? true : nil
        }
    }

    private func expectPublishedOnce(_ bench: Workbench, _ service: Service) async throws {
        let clips = try await service.list()
        #expect(clips.map(\.state) == ["Published"])
        #expect(clips.map(\.gameClipId) == [try bench.output.batch["instant-replay"]?.gameClipId])
    }

    enum Way: CaseIterable {
        /// All runs go through the gate, and the request does before the second looks.
        case early
        /// It comes after the second run.
        case late
        /// The same, and the service has another address by then.
        case lateElsewhere
    }

    @Test(arguments: Way.allCases)
    func `an initial request that is held while the run is killed leaves no id behind, whenever it comes`(
        way: Way
    ) async throws {
        try await withGate { bench, service, gate in
            try await gate.order("keep POST 1")
            try await withProgram(Clipship.path, ["run", bench.pipeline.path], in: bench.folder) { program in
                _ = try await gate.first("kept")
                program.signal(SIGKILL)
                _ = try await program.end()
            }
            if way == .early { try await letThrough(gate) }
            if way == .lateElsewhere { try bench.change(":\(gate.port)", to: ":\(service.port)") }
            expect(try await bench.run(), exits: 0)
            try await expectPublishedOnce(bench, service)
            guard way != .early else { return }

            try await letThrough(gate)
            #expect(try await service.list().map(\.state).sorted() == ["PendingUpload", "Published"])
            // Nothing else is left to do for this one.
            expect(try await bench.run(), exits: 0)
            try await expectPublishedOnce(bench, service)
        }
    }

    @Test func `one that is answered for by a gateway and comes after the run is removed by the next`() async throws {
        try await withGate { bench, service, gate in
            try await gate.order("late POST 1 504")
            expect(try await bench.run(), exits: 0)
            try await expectPublishedOnce(bench, service)
            try await letThrough(gate)
            expect(try await bench.run(), exits: 0)
            try await expectPublishedOnce(bench, service)
        }
    }

    @Test func `a run that finds it asked for waits before it looks, and not for one of long ago`() async throws {
        try await withGate { bench, service, gate in
            try await gate.order("keep POST 1")
            try await withProgram(Clipship.path, ["run", bench.pipeline.path], in: bench.folder) { program in
                _ = try await gate.first("kept")
                program.signal(SIGKILL)
                _ = try await program.end()
            }
            let journal = bench.output.folder.appending(path: "journal.db").path
            let asked = try await run("sqlite3", [journal, "SELECT abs(unixepoch() - asked) < 60 FROM unanswered"])
            #expect(asked.outputText == "1\n")
            // More than an hour ago: the look of this run is the last.
            try await run("sqlite3", [journal, "UPDATE unanswered SET asked = asked - 4000"]).expectSuccess()
            expect(try await bench.run(), exits: 0)
            let left = try await run("sqlite3", [journal, "SELECT count(*) FROM unanswered"])
            #expect(left.outputText == "0\n")
            let requests = gate.events.count
            expect(try await bench.run(), exits: 0)
            #expect(gate.events.count == requests, "nothing is asked any more")
            try await expectPublishedOnce(bench, service)
        }
    }

    @Test func `one that a gateway passes on twice leaves one clip`() async throws {
        try await withGate { bench, service, gate in
            try await gate.order("double POST 1")
            expect(try await bench.run(), exits: 0)
            let states = try await service.list().map(\.state)
            // Both have the marker of this run, and the older waits for blocks that nobody sends.
            #expect(states == ["Published"])
            try await expectPublishedOnce(bench, service)
        }
    }
}
