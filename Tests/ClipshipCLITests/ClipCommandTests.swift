import Foundation
import TestSupport
import Testing

/// `clipship clip`: single GameClips calls, against the local service that a run has left behind.
@Suite(.fewAtOnce) struct ClipCommandTests {
    private let scid = ["--scid", Workbench.scid]

    /// Runs `body` with published clips.
    private func withPublished(_ samples: [String], _ body: (Workbench) async throws -> Void) async throws {
        try await Workbench.with(samples) { bench in
            try bench.writePipeline()
            expect(try await bench.run("--quiet"), exits: 0)
            try await body(bench)
        }
    }

    private func clip(_ bench: Workbench, _ words: String...) async throws -> ProgramResult {
        try await clipship(["clip"] + words + ["--output", "out"], in: bench.folder)
    }

    private func id(_ clip: String, _ bench: Workbench) throws -> String {
        try #require(try bench.output.batch[clip]?.gameClipId)
    }

    private func listed(_ result: ProgramResult) throws -> [RemoteClip] {
        try result.outputLines.map { try JSONDecoder().decode(RemoteClip.self, from: Data($0.utf8)) }
    }

    @Test func `list is of a title, of what is saved, or of everybody`() async throws {
        try await withPublished(["instant-replay"]) { bench in
            let id = try id("instant-replay", bench)
            let clips = try listed(try await clip(bench, "list", "--format", "json"))
            struct Title: Decodable { var titleId: Int }
            let all = try await clip(bench, "list", "--format", "json")
            let title = "\(try JSONDecoder().decode(Title.self, from: all.output).titleId)"
            #expect(clips.map(\.gameClipId) == [id])
            #expect(try listed(try await clip(bench, "list", "--title", title, "--format", "json")).count == 1)
            for more in [["--title", "5"], ["--saved"], ["--public", "--title", title]] {
                let result = try await clipship(
                    ["clip", "list", "--format", "json", "--output", "out"] + more, in: bench.folder)
                expect(result, exits: 0)
                #expect(try listed(result).isEmpty, "\(more)")
            }
            for wrong in [
                ["--public"], ["--saved", "--scid", Workbench.scid], ["--title", "5", "--scid", Workbench.scid],
                ["--public", "--title", "5", "--owner", "me"], ["--title", "x"],
            ] {
                expect(try await clipship(["clip", "list", "--output", "out"] + wrong, in: bench.folder), exits: 2)
            }
        }
    }

    @Test func `list streams every page, as a table or as one object a line`() async throws {
        try await withPublished(["instant-replay", "lobby-vfr", "phone-portrait"]) { bench in
            let all = try await clip(bench, "list", "--format", "json", "--max-items", "1", "--order", "A")
            expect(all, exits: 0)
            let clips = try listed(all)
            let ids = try bench.output.batch.clips.compactMap(\.gameClipId)
            #expect(clips.map(\.gameClipId).sorted() == ids.sorted())
            #expect(clips.allSatisfy { $0.state == "Published" })

            let table = try await clip(bench, "list", "--scid", Workbench.scid, "--max-items", "2")
            expect(table, exits: 0)
            #expect(table.outputLines.first?.hasPrefix("ID ") == true && table.outputLines.count == 4)
            #expect(table.table[ids[0]]?.contains("Published") == true)
            #expect(table.table[ids[0]]?.last == "Cinder Hollow: instant-replay")

            let first = try await clip(bench, "list", "--pages", "1", "--max-items", "2", "--order", "A")
            let token = try #require(first.errorText.firstMatch(of: /--continuation-token (\S+)/)?.1)
            let rest = try await clip(
                bench, "list", "--format", "json", "--order", "A", "--continuation-token", String(token))
            #expect(try listed(rest).map(\.gameClipId) == [clips[2].gameClipId])
            let skipped = try await clip(bench, "list", "--format", "json", "--order", "A", "--skip-items", "1")
            #expect(try listed(skipped).map(\.gameClipId) == clips[1...].map(\.gameClipId))
            expect(try await clip(bench, "list", "--owner", "xuid(1)"), exits: 0)
        }
    }

    @Test func `update changes all that is given or nothing, and get shows it`() async throws {
        try await withPublished(["instant-replay"]) { bench in
            let id = try id("instant-replay", bench)
            let file = bench.folder.appending(path: "data.json")
            try Data(#"{"a": "ü"}"#.utf8).write(to: file)
            let changed = try await clip(
                bench, "update", id, "--scid", Workbench.scid, "--caption", "new", "--visibility", "Owner",
                "--title-data-file", "data.json")
            expect(changed, exits: 0)
            #expect(changed.outputText == "\(id): changed userCaption, visibility, titleData\n")
            let json = try await clip(bench, "get", id, "--scid", Workbench.scid, "--format", "json")
            let members = try JSONSerialization.jsonObject(with: json.output) as? [String: Any]
            #expect(members?["userCaption"] as? String == "new" && members?["visibility"] as? String == "Owner")
            #expect(members?["titleData"] as? String == #"{"a": "ü"}"#)
            let table = try await clip(bench, "get", id, "--scid", Workbench.scid).table
            #expect(table["userCaption"] == ["userCaption", "new"] && table["uri Download"] != nil)

            let missing = try await clip(bench, "update", "none", "--scid", Workbench.scid, "--caption", "x")
            expect(missing, exits: 1)
            #expect(missing.errorText.contains("nothing was changed") && missing.errorText.contains("404"))
            expect(try await clip(bench, "get", "none", "--scid", Workbench.scid), exits: 1)
        }
    }

    @Test func `delete asks on a terminal, and a clip that is gone is a failure`() async throws {
        try await withPublished(["instant-replay"]) { bench in
            let id = try id("instant-replay", bench)
            let script = Places.root.appending(path: "Tests/Programs/terminal.py").path
            let words = ["clip", "delete", id, "--output", "out"] + scid
            func answer(_ text: String) async throws -> ProgramResult {
                try await run(
                    "/usr/bin/python3", [script, Clipship.path] + words, in: bench.folder, input: Data(text.utf8))
            }
            let no = try await answer("\n")
            expect(no, exits: 0)
            #expect(no.outputText.contains("delete \(id) (\"Cinder Hollow: instant-replay\") for good? [y/N]"))
            #expect(no.outputText.contains("kept"))
            expect(try await clip(bench, "get", id, "--scid", Workbench.scid), exits: 0)
            let yes = try await answer("y\n")
            expect(yes, exits: 0)
            #expect(yes.outputText.contains("\(id): deleted"))
            let again = try await clip(bench, "delete", id, "--scid", Workbench.scid, "--yes")
            expect(again, exits: 1)
            #expect(again.errorText.contains("there is no such clip"))
        }
    }

    @Test func `download fetches the clip and its thumbnails to the byte`() async throws {
        try await withPublished(["instant-replay"]) { bench in
            let id = try id("instant-replay", bench)
            expect(try await clip(bench, "download", id, "got.mp4", "--scid", Workbench.scid), exits: 0)
            #expect(
                try Data(contentsOf: bench.folder.appending(path: "got.mp4"))
                    == Data(contentsOf: bench.clips.appending(path: "instant-replay.mp4")))
            for size in ["large", "small"] {
                let result = try await clip(
                    bench, "download", id, "\(size).jpg", "--scid", Workbench.scid, "--thumbnail", size)
                expect(result, exits: 0)
                #expect(
                    try Data(contentsOf: bench.folder.appending(path: "\(size).jpg")).prefix(2) == Data([0xFF, 0xD8]))
            }
            #expect(try bench.files().filter { $0.hasSuffix(".part") } == [])
        }
    }

    @Test func `a download of more than was announced ends`() async throws {
        try await withPublished(["instant-replay"]) { bench in
            let id = try id("instant-replay", bench)
            try await Service.with(bench.output.localService) { service in
                try service.writeToken(to: bench.folder.appending(path: "token"))
                try await Gate.with(before: service) { gate in
                    // The clip, which says how large the file is, and then a file that is larger.
                    try await gate.order("lengthen GET 2")
                    let address = "http://127.0.0.1:\(gate.port)"
                    let words = ["clip", "download", id, "got.mp4", "--service", address, "--token-file", "token"]
                    let result = try await clipship(words + scid, in: bench.folder)
                    expect(result, exits: 1)
                    #expect(result.errorText.contains("can't write got.mp4: File too large"), "\(result.errorText)")
                    #expect(try !bench.files().contains("got.mp4"))
                }
            }
        }
    }

    @Test func `a download that was killed goes on where it was`() async throws {
        try await withPublished(["boss-fight"]) { bench in
            let id = try id("boss-fight", bench)
            let plan = bench.folder.appending(path: "plan.yaml")
            try Data(
                """
                rules: [{calls: download, nth: [1, 2, 3], truncateAnswer: true}]
                """.utf8
            ).write(to: plan)
            try await Service.with(bench.output.localService, "--faults", plan.path) { service in
                try service.writeToken(to: bench.folder.appending(path: "token"))
                let words =
                    ["clip", "download", id, "got.mp4", "--service", service.address, "--token-file", "token"] + scid
                try await withProgram(Clipship.path, words + ["--verbose"], in: bench.folder) { program in
                    _ = try await program.printed { $0.errorLines.first { $0.contains("again in") } }
                    program.signal(SIGKILL)
                    _ = try await program.end()
                }
                #expect(try !bench.files().contains("got.mp4"))
                let result = try await clipship(words, in: bench.folder)
                expect(result, exits: 0)
                #expect(result.errorText.contains("got.mp4: going on behind "), "\(result.errorText)")
                #expect(
                    try Data(contentsOf: bench.folder.appending(path: "got.mp4"))
                        == Data(contentsOf: bench.clips.appending(path: "boss-fight.mp4")))
                #expect(try bench.files().filter { $0.hasSuffix(".part") } == [])
            }
        }
    }
}
