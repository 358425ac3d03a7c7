import Foundation
import TestSupport
import Testing

@testable import ClipshipCLI

/// Every date that is printed for people or written to a file has its zone.
@Suite(.fewAtOnce) struct ZoneTests {
    /// Dates in a text, and whether each has a zone.
    private func dates(in text: String) -> [(date: String, hasZone: Bool)] {
        text.matches(of: /(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?/).map {
            (String($0.1), $0.2 != nil)
        }
    }

    private func expectZones(_ text: String, _ what: String, atLeast count: Int) {
        let found = dates(in: text)
        #expect(found.count >= count, "\(what): \(found.count) dates\n\(text.prefix(2_000))")
        #expect(found.filter { !$0.hasZone }.map(\.date) == [], "\(what)")
    }

    @Test func `every date that is printed or written has its zone`() async throws {
        try await Workbench.with(["instant-replay", "lobby-vfr"]) { bench in
            try await Service.with(bench.folder.appending(path: "data")) { service in
                try service.writeToken(to: bench.folder.appending(path: "token"))
                try bench.writePipeline(service: "{metadata: \"\(service.address)\", token: {file: token}}")
                let metrics = bench.folder.appending(path: "run.prom").path
                let run = try await bench.run("-v", "--metrics", metrics)
                expect(run, exits: 0)
                expectZones(run.outputText + run.errorText, "run -v", atLeast: 0)
                for name in ["batch.json", "timings.json", "report.html", "manifests/lobby-vfr.json"] {
                    let text = try String(contentsOf: bench.output.folder.appending(path: name), encoding: .utf8)
                    expectZones(text, name, atLeast: name == "batch.json" ? 0 : 1)
                }
                try bench.change("{session.title}: ", to: "Another: ")
                let logged = try await bench.run("-v", "--log-format", "json")
                expect(logged, exits: 0)
                expectZones(logged.errorText, "run --log-format json", atLeast: logged.errorLines.count)
                let place = ["--service", service.address, "--token-file", "token"]
                for words in [["clip", "list", "--scid", Workbench.scid], ["clip", "list"]] {
                    for format in ["text", "json"] {
                        let more = format == "json" ? ["--format", "json"] : []
                        let list = try await clipship(words + more + place, in: bench.folder)
                        expect(list, exits: 0)
                        expectZones(list.outputText, "\(words) \(format)", atLeast: 2)
                    }
                }
                // An upload that nobody goes on with.
                let body =
                    #"{"clipNameStringId":"1","userCaption":"c","sessionRef":"s","dateRecorded":"2026-05-10T13:49:56.1Z","#
                    + #""durationInSeconds":5,"expectedBlocks":1,"fileSize":100,"type":"UserGenerated","#
                    + #""source":"TitleDirect","visibility":"Default","titleData":"{}","systemProperties":"{}","#
                    + #""usersInSession":[],"thumbnailSource":"Default","savedByUser":false}"#
                try await service.curl("-X", "POST", "-d", body, service.clips, expect: 200)
                let unused = try await clipship(["status", "out", "--reconcile"] + place, in: bench.folder)
                expect(unused, exits: 0)
                expectZones(unused.outputText, "status --reconcile", atLeast: 1)
                let status = try await clipship(["status", "out"], in: bench.folder)
                expectZones(status.outputText, "status", atLeast: 0)
                // Who is at work, and since when; how far a run is.
                try bench.writePipeline(
                    service:
                        "{metadata: \"\(service.address)\", token: {command: \"echo > begun; until test -e go; do sleep 0.02; done; cat token\"}}"
                )
                try bench.change("{session.title}: ", to: "A third: ")
                try await withProgram(Clipship.path, ["run", bench.pipeline.path], in: bench.folder) { program in
                    let begun = bench.folder.appending(path: "begun").path
                    while !FileManager.default.fileExists(atPath: begun) { await Task.yield() }
                    let other = try await bench.run()
                    expect(other, exits: 75)
                    expectZones(other.errorText, "a run beside another", atLeast: 1)
                    program.signal(SIGUSR1)
                    let line = try await program.printed { $0.errorLines.first { $0.contains(" progress: ") } }
                    expectZones(line, "SIGUSR1", atLeast: 1)
                    try Data().write(to: bench.folder.appending(path: "go"))
                    expect(try await program.end(), exits: 0)
                }
            }
        }
    }

    @Test(arguments: [
        ("2026-05-10T13:49:56.1234567Z", "2026-05-10T13:49:56Z"), ("2026-05-10T15:49:56+02:00", "2026-05-10T13:49:56Z"),
        ("2026-05-10T13:49:56", "2026-05-10T13:49:56 (no zone)"), ("some day", "some day"), ("", ""),
    ])
    func `a time of a service is shown in UTC, and one without a zone is said to have none`(text: String, shown: String)
    {
        #expect(Format.date(text) == shown)
    }
}
