import Foundation
import TestSupport
import Testing

@testable import ClipshipCLI

/// A service that is down, and is back.
@Suite(.fewAtOnce, .timeLimit(.minutes(3))) struct OutageTests {
    @Test func `a host is told of when it stops and when it is back, and not for each failure between`() {
        var outages = Outages()
        let seconds = { (count: Int) in Duration.seconds(count) }
        #expect(outages.answered("a", at: seconds(0)) == nil)
        #expect(outages.failed("a", at: seconds(1)) == .began)
        #expect(outages.failed("a", at: seconds(2)) == nil)
        #expect(outages.failed("b", at: seconds(2)) == .began)
        #expect(outages.answered("a", at: seconds(31)) == .ended(after: seconds(30)))
        #expect(outages.answered("a", at: seconds(32)) == nil)
        // It fails now and then.
        for time in 40..<50 {
            #expect(outages.failed("a", at: seconds(time)) == nil)
            #expect(outages.answered("a", at: seconds(time)) == nil)
        }
        // It has stopped again.
        let again = (60..<66).map { outages.failed("a", at: seconds($0)) }
        #expect(again == [nil, nil, .began, nil, nil, nil])
        #expect(outages.answered("a", at: seconds(70)) == .ended(after: seconds(10)))
    }

    @Test func `a run tells once that the service does not answer and once that it is back`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            let plan = bench.folder.appending(path: "faults.yaml")
            try Data("rules:\n  - {calls: list, times: 1, status: 503}\n".utf8).write(to: plan)
            let data = bench.folder.appending(path: "service-data")
            try await Service.with(data, "--faults", plan.path) { service in
                try service.writeToken(to: bench.folder.appending(path: "token"))
                try bench.writePipeline(service: "{metadata: \"\(service.address)\", token: {file: token}}")
                let result = try await bench.run()
                expect(result, exits: 0)
                let lines = result.errorLines
                let (down, back) = ("trying again for up to", "\(service.address) answers again, after ")
                let counts = [down, back].map { words in lines.filter { $0.contains(words) }.count }
                #expect(counts == [1, 1], "\(result.errorText)")
            }
        }
    }

    @Test func `a single call gives up after 20 seconds, or when it is told to`() async throws {
        try await withTemporaryFolder { folder in
            // Nobody listens on the port of discarding.
            let list = ["clip", "list", "--service", "http://127.0.0.1:9", "--token-env", "TOKEN"]
            let environment = ["TOKEN": "secret"]
            try await withProgram(Clipship.path, list, in: folder, environment: environment) { program in
                let warning =
                    "warning: http://127.0.0.1:9 can't be reached: could not connect; trying again for up to 15 s"
                _ = try await program.printed { $0.errorLines.first { $0 == warning } }
                program.signal(SIGINT)
                expect(try await program.end(), exits: 130)
            }
            let once = try await clipship(list + ["--retry-for", "0s"], in: folder, environment: environment)
            expect(once, exits: 75)
            #expect(!once.errorText.contains("trying again"))
            expect(try await clipship(list + ["--retry-for", "soon"], environment: environment), exits: 2)
        }
    }
}
