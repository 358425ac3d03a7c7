import Foundation
import TestSupport
import Testing

/// `report.html`, and the command that makes it again.
@Suite(.fewAtOnce, .timeLimit(.minutes(5))) struct ReportTests {
    private func page(_ bench: Workbench) -> URL { bench.output.folder.appending(path: "report.html") }

    private func text(_ bench: Workbench) throws -> String { try String(contentsOf: page(bench), encoding: .utf8) }

    private func identity(_ bench: Workbench) throws -> NSNumber? {
        try FileManager.default.attributesOfItem(atPath: page(bench).path)[.systemFileNumber] as? NSNumber
    }

    private func withRun(_ more: String = "", _ body: (Workbench) async throws -> Void) async throws {
        try await Workbench.with(["instant-replay", "phone-portrait"]) { bench in
            try bench.add("bad <b>.mp4", bytes: Data("nothing".utf8))
            try bench.writePipeline(more: more)
            expect(try await bench.run(), exits: 1)
            try await body(bench)
        }
    }

    @Test func `a run tells of each clip with its picture, or with its reason, and of its time`() async throws {
        try await withRun { bench in
            let page = try text(bench)
            #expect(page.components(separatedBy: "data:image/jpeg;base64,").count == 3)
            for clip in try bench.output.batch.clips {
                #expect(page.contains("<h3>\(clip.clip)</h3>"))
                if let id = clip.gameClipId { #expect(page.contains(id)) }
                if let reason = clip.reason { #expect(page.contains(reason)) }
            }
            #expect(page.contains("Where the time went") && page.contains("phone-portrait: uploading"))
            #expect(page.contains("../clips/bad &lt;b&gt;.mp4") && !page.contains("bad <b>"))
        }
    }

    @Test func `it is left alone while nothing changes, made again when it is gone, and by the command`() async throws {
        try await withRun { bench in
            let (before, made) = (try text(bench), try identity(bench))
            expect(try await bench.run(), exits: 1)
            #expect(try identity(bench) == made)
            let again = try await clipship(["report", bench.output.path])
            expect(again, exits: 0)
            #expect(again.outputText == bench.output.path + "/report.html\n")
            #expect(try text(bench) == before && identity(bench) != made)
            try FileManager.default.removeItem(at: page(bench))
            expect(try await bench.run(), exits: 1)
            #expect(try text(bench).contains("<h3>instant-replay</h3>"))
        }
    }

    @Test func `pictures are linked where that is wanted, or where they are too many`() async throws {
        try await withRun { bench in
            let link = "src=\"thumbnails/instant-replay.large.jpg\""
            expect(try await clipship(["report", bench.output.path, "--pictures", "linked"]), exits: 0)
            #expect(try text(bench).contains(link) && !text(bench).contains("base64,"))
            expect(try await clipship(["report", bench.output.path]), exits: 0)
            #expect(try !text(bench).contains(link))
            let thumbnail = bench.output.thumbnail("instant-replay", "large").path
            try await run("truncate", ["-s", "17M", thumbnail]).expectSuccess()
            expect(try await clipship(["report", bench.output.path]), exits: 0)
            #expect(try text(bench).contains(link))
        }
    }

    @Test func `there is none where the pipeline wants none, and no folder to make one of is told`() async throws {
        try await withRun("report: false") { bench in
            #expect(!FileManager.default.fileExists(atPath: page(bench).path))
            let result = try await clipship(["report", bench.clips.path])
            expect(result, exits: 2)
            #expect(result.errorText.contains("is no output folder: there is no batch.json in it"))
        }
    }

    @Test(.enabled(if: Browser.path != nil, "\(Browser.isAbsent)"))
    func `in a browser its own script runs, and without scripts all is there`() async throws {
        try await withRun { bench in
            let result = try await run(
                Browser.path ?? "",
                [
                    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                    "--virtual-time-budget=5000", "--user-data-dir=\(bench.folder.appending(path: "profile").path)",
                    "--dump-dom", page(bench).absoluteString,
                ])
            try result.expectSuccess()
            let shown = result.outputText
            #expect(shown.contains("3 of 3 shown") && shown.contains("<form>"))
            // Without scripts it is as it was written.
            #expect(try text(bench).contains("<form hidden>"))
            #expect(try text(bench).components(separatedBy: "<article").count == 4)
        }
    }
}
