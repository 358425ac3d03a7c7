import Foundation
import TestSupport
import Testing

/// `report.html`, from a run and from `clipship report`.
@Suite(.fewAtOnce) struct ReportTests {
    private func page(_ bench: Workbench) throws -> String {
        try String(contentsOf: bench.output.folder.appending(path: "report.html"), encoding: .utf8)
    }

    @Test func `a run makes a page with each picture and reason, and times that fit the schema`() async throws {
        try await Workbench.with(["instant-replay", "lobby-vfr"]) { bench in
            try bench.add("cut <b>.mp4", bytes: Data("no video".utf8))
            try bench.writePipeline()
            expect(try await bench.run(), exits: 1)
            let text = try page(bench)
            for clip in ["instant-replay", "lobby-vfr"] {
                let picture = try Data(contentsOf: bench.output.thumbnail(clip, "large"))
                #expect(text.contains("data:image/jpeg;base64,\(picture.base64EncodedString())\""))
            }
            let failure = try #require(bench.output.batch.clips.first { $0.state == "failed" })
            #expect(text.contains("<div class=\"picture none\"><p>\(try #require(failure.reason))</p>"))
            #expect(text.contains("cut &lt;b&gt;.mp4") && !text.contains("cut <b>"))
            let timings = try Data(contentsOf: bench.output.folder.appending(path: "timings.json"))
            #expect(try await mistakes(in: [SchemaQuestion(.timings, timings)]) == [[]])
            let parsed = try #require(try JSONSerialization.jsonObject(with: timings) as? [String: Any])
            let upload = try #require(parsed["upload"] as? [String: Any])
            let sizes = try ["instant-replay", "lobby-vfr"].map {
                try Data(contentsOf: bench.clips.appending(path: "\($0).mp4")).count
            }
            #expect((upload["bytes"] as? [Int])?.reduce(0, +) == sizes.reduce(0, +))
        }
    }

    @Test func `an unchanged run leaves the page alone, and makes it where it is gone`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline()
            expect(try await bench.run(), exits: 0)
            let file = bench.output.folder.appending(path: "report.html")
            let before = try page(bench)
            func inode() throws -> Int? {
                try FileManager.default.attributesOfItem(atPath: file.path)[.systemFileNumber] as? Int
            }
            let first = try inode()
            expect(try await bench.run(), exits: 0)
            // Without the seal each clip is looked at.
            try FileManager.default.removeItem(at: bench.output.folder.appending(path: "unchanged.seal"))
            expect(try await bench.run(), exits: 0)
            #expect(try inode() == first)
            try FileManager.default.removeItem(at: file)
            expect(try await bench.run(), exits: 0)
            #expect(try page(bench) == before)
            try bench.change("name: workbench", to: "name: another")
            expect(try await bench.run(), exits: 0)
            #expect(try page(bench).contains("<h1>another</h1>"))
        }
    }

    @Test func `report: false makes no page, and the command makes it of a folder that was moved`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline(more: "report: false")
            expect(try await bench.run("--no-submit"), exits: 0)
            let here = bench.output.folder.appending(path: "report.html")
            #expect(!FileManager.default.fileExists(atPath: here.path))
            expect(try await clipship(["report", bench.output.path], in: bench.folder), exits: 0)
            let first = try Data(contentsOf: here)
            let other = bench.folder.appending(path: "elsewhere/x")
            try FileManager.default.createDirectory(
                at: other.deletingLastPathComponent(), withIntermediateDirectories: true)
            try FileManager.default.moveItem(at: bench.output.folder, to: other)
            for name in ["journal.db", "report.html"] {
                try FileManager.default.removeItem(at: other.appending(path: name))
            }
            expect(try await clipship(["report", other.path], in: bench.folder), exits: 0)
            #expect(try Data(contentsOf: other.appending(path: "report.html")) == first)
            let linked = bench.folder.appending(path: "page.html")
            expect(
                try await clipship(
                    ["report", other.path, "--report-pictures", "linked", "--output", linked.path], in: bench.folder),
                exits: 0)
            let text = try String(contentsOf: linked, encoding: .utf8)
            #expect(text.contains("src=\"./elsewhere/x/thumbnails/instant-replay.large.jpg\""))
            #expect(!text.contains("base64,"))
        }
    }

    @Test func `a foreign batch gets nothing into the page but the picture that its manifest describes`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline(more: "report: false")
            expect(try await bench.run("--no-submit"), exits: 0)
            try Data("secret".utf8).write(to: bench.folder.appending(path: "secret.txt"))
            let manifest = bench.output.manifest("instant-replay")
            let text = try String(contentsOf: manifest, encoding: .utf8)
            let changed = text.replacing("../thumbnails/instant-replay.large.jpg", with: "../../secret.txt")
            #expect(changed != text)
            try Data(changed.utf8).write(to: manifest)
            expect(try await clipship(["report", bench.output.path], in: bench.folder), exits: 0)
            #expect(try page(bench).contains("Its thumbnail is not there, or is another."))
            #expect(try !page(bench).contains("base64,"))
            try FileManager.default.removeItem(at: manifest)
            expect(try await clipship(["report", bench.output.path], in: bench.folder), exits: 0)
            #expect(try page(bench).contains("Its manifest, manifests/instant-replay.json, is not there."))
        }
    }

    @Test(arguments: [
        ("{", "batch.json is no batch.json: "), (#"{"format": "clipship-batch/9"}"#, #"is a "clipship-batch/9""#),
        (#"{"format": "clipship-batch/1", "pipeline": "x", "totals": {}}"#, #""clips" is missing"#),
    ])
    func `a batch.json that can't be read is refused with 2`(text: String, message: String) async throws {
        try await withTemporaryFolder { folder in
            try Data(text.utf8).write(to: folder.appending(path: "batch.json"))
            let result = try await clipship(["report", folder.path], in: folder)
            expect(result, exits: 2)
            #expect(result.errorText.contains(message) && result.errorLines.count == 1, "\(result.errorText)")
        }
    }

    @Test(.enabled(if: Browser.path != nil, "\(Browser.isAbsent)"))
    func `in a browser the page is whole with and without its script, in both widths and both schemes`() async throws {
        try await Workbench.with(["boss-fight", "instant-replay"]) { bench in
            try bench.add("cut.mp4", bytes: Data("no video".utf8))
            try bench.writePipeline(more: "")
            try bench.change("\"{session.title}: {clip.name}\"", to: "\"<b>{clip.name}</b>\"")
            expect(try await bench.run("--no-submit"), exits: 1)
            for pictures in ["inline", "linked"] {
                expect(
                    try await clipship(
                        ["report", bench.output.path, "--report-pictures", pictures], in: bench.folder), exits: 0)
                let result = try await run(
                    "/usr/bin/python3",
                    [
                        Places.root.appending(path: "Tests/Programs/look-at-report.py").path, Browser.path ?? "",
                        bench.output.folder.appending(path: "report.html").path, bench.folder.path,
                    ] + Browser.axe)
                try result.expectSuccess()
                let facts = try JSONDecoder().decode(Facts.self, from: result.output)
                #expect(facts.clips == 3 && facts.clipsWithoutScript == 3 && facts.picturesWithoutScript == 2)
                #expect(facts.controls && !facts.controlsWithoutScript)
                #expect(facts.found == 1 && facts.longest == "boss-fight")
                #expect(facts.elements == 0 && facts.scripts == 1)
                // Nothing is wider than the window.
                #expect(facts.widths.count == 2 && facts.widths.allSatisfy { $1 <= Int($0) ?? 0 })
                #expect(facts.light != facts.dark)
                #expect(facts.complaints == [] && facts.exceptions == 0 && facts.axe == [])
                #expect(Set(facts.requests).isSubset(of: ["file", "data"]))
            }
        }
    }

    private struct Facts: Decodable {
        var clips: Int
        var clipsWithoutScript: Int
        var picturesWithoutScript: Int
        var controls: Bool
        var controlsWithoutScript: Bool
        var found: Int
        var longest: String
        var elements: Int
        var scripts: Int
        var widths: [String: Int]
        var light: String
        var dark: String
        var complaints: [String]
        var exceptions: Int
        var axe: [String]
        var requests: [String]

        enum CodingKeys: String, CodingKey {
            case clips, controls, found, longest, scripts, widths, complaints, exceptions, axe, requests
            case clipsWithoutScript = "clips without script"
            case picturesWithoutScript = "pictures without script"
            case controlsWithoutScript = "controls without script"
            case elements = "elements in captions"
            case light = "ground-light"
            case dark = "ground-dark"
        }
    }
}
