import Foundation
import TestSupport
import Testing

/// Many sessions in one pipeline.
@Suite(.fewAtOnce, .timeLimit(.minutes(5))) struct SessionsTests {
    @Test func `each session has a folder as if it were alone, and one report is over all`() async throws {
        try await Night.with(["a": ["instant-replay"], "b": ["instant-replay", "phone-portrait"]]) { night in
            expect(try await night.run("--no-submit"), exits: 0)
            let all = try night.output.batch
            #expect(
                all.states == ["a/instant-replay": "ready", "b/instant-replay": "ready", "b/phone-portrait": "ready"])
            #expect(all["b/phone-portrait"]?.manifest == "b/manifests/phone-portrait.json")
            let wrong = try await mistakes(in: [SchemaQuestion(.batch, try night.output.batchFile)])
            #expect(wrong == [[]])

            for name in ["a", "b"] {
                let alone = """
                    name: night
                    session: rec/\(name)/session.yaml
                    clips: rec/\(name)/*.mp4
                    request: {userCaption: "{session.title}: {clip.name}"}
                    thumbnails: \(Workbench.firstFrame)
                    output: alone/\(name)
                    """
                let pipeline = night.folder.appending(path: "alone.yaml")
                try Data(alone.utf8).write(to: pipeline)
                expect(try await clipship(["run", "--no-submit", pipeline.path], in: night.folder), exits: 0)
                let (one, many) = (
                    Output(folder: night.folder.appending(path: "alone/\(name)")),
                    Output(folder: night.output.folder.appending(path: name))
                )
                #expect(try one.manifests() == many.manifests())
                #expect(try one.batchFile == many.batchFile)
                for clip in try one.manifests().keys {
                    let pictures = try [one, many].map { try Data(contentsOf: $0.thumbnail(clip, "large")) }
                    #expect(pictures[0] == pictures[1])
                }
            }
        }
    }

    @Test func `a second run finds nothing to do until something of a session changes`() async throws {
        try await Night.with(["a": ["instant-replay"], "b": ["instant-replay"]]) { night in
            expect(try await night.run(), exits: 0)
            let again = try await night.run()
            #expect(again.errorText.contains("2 published; nothing has changed"), "\(again.errorText)")
            let file = night.session("b")
            let text = try String(contentsOf: file, encoding: .utf8)
            try Data(text.replacing("Night of b", with: "Finals").utf8).write(to: file)
            let changed = try await night.run()
            expect(changed, exits: 0)
            let sentence = "2 published; 1 updated (caption, visibility or title data), 1 unchanged"
            #expect(changed.errorText.contains(sentence), "\(changed.errorText)")
            try night.add("c", ["instant-replay"])
            let more = try await night.run("--only", "c/instant-replay")
            expect(more, exits: 0)
            #expect(try night.output.batch.states.count == 3, "the others stay in the report")
            let status = try await clipship(["status", night.output.path])
            #expect(Set(status.table.keys) == ["a/instant-replay", "b/instant-replay", "c/instant-replay"])
        }
    }

    @Test func `a broken session file stops all, or fails its own clips only`() async throws {
        let sessions = ["a", "b", "c", "d"].map { ($0, ["instant-replay"]) }
        try await Night.with(Dictionary(uniqueKeysWithValues: sessions)) { night in
            try night.spoil("c")
            let stopped = try await night.run()
            expect(stopped, exits: 2)
            #expect(stopped.errorText.contains("rec/c/session.yaml:6:1: unknown key \"titel\""))
            #expect(!FileManager.default.fileExists(atPath: night.output.path), "nothing was done")

            let result = try await night.run("--keep-going")
            expect(result, exits: 1)
            let batch = try night.output.batch
            #expect(batch.totals["published"] == 3 && batch.totals["failed"] == 1)
            #expect(batch["c/instant-replay"]?.reason?.contains("unknown key \"titel\"") == true)

            // The pipeline may say so itself; what is mended is made up for.
            try night.add("c", [])
            try night.writePipeline("keepGoing: true")
            expect(try await night.run(), exits: 0)
            #expect(try night.output.batch.totals["published"] == 4)
        }
    }

    @Test func `a broken sidecar fails its clip only, and a broken session without clips is told of`() async throws {
        try await Night.with(["a": ["instant-replay"], "b": ["instant-replay"], "c": []]) { night in
            try night.spoil("c")
            try Data("caption: [".utf8).write(to: night.folder.appending(path: "rec/b/instant-replay.yaml"))
            expect(try await night.run("--no-submit"), exits: 2)
            try night.writePipeline("keepGoing: true\nonMissing: ignore")
            let result = try await night.run("--no-submit")
            expect(result, exits: 1)
            let batch = try night.output.batch
            #expect(batch.states == ["a/instant-replay": "ready", "b/instant-replay": "failed"])
            #expect(batch["b/instant-replay"]?.reason?.hasPrefix("instant-replay.yaml:") == true)
            #expect(result.errorText.contains("missing: rec/c/session.yaml: unknown key \"titel\""))
        }
    }

    @Test func `the same clip in two sessions is submitted once`() async throws {
        try await Night.with([:]) { night in
            for name in ["a", "b"] { try night.add(name, ["instant-replay"], isNamed: false) }
            // What is sent is another request, as far as the service lets be told; the clip is the same to it.
            expect(try await night.run(), exits: 0)
            let ids = try night.output.batch.clips.compactMap(\.gameClipId)
            #expect(ids.count == 2 && Set(ids).count == 1)
            try await Service.with(night.output.localService) { service in
                let clips = try await service.list()
                #expect(clips.count == 1)
            }
        }
    }

    @Test func `what two sessions claim, and patterns that every session would have, are mistakes`() async throws {
        try await Night.with(["a": ["instant-replay"], "a/inner": ["instant-replay"]]) { night in
            let text = """
                sessions: ["rec/**/session.yaml"]
                clips: "**/*.mp4"
                output: out
                """
            try Data(text.utf8).write(to: night.pipeline)
            let claimed = try await night.run()
            expect(claimed, exits: 2)
            #expect(claimed.errorText.contains("rec/a/inner/instant-replay.mp4 is a clip of rec/a/session.yaml, too"))

            let absolute = text.replacing("**/*.mp4", with: "/recordings/*.mp4") + "\nsession: rec/a/session.yaml\n"
            try Data(absolute.utf8).write(to: night.pipeline)
            let refused = try await night.run()
            expect(refused, exits: 2)
            #expect(refused.errorText.contains("a pattern is relative to each session file"))
            #expect(refused.errorText.contains("\"session\" can't stand beside \"sessions\""))
        }
    }

    @Test func `a night without sessions is a success where that is allowed`() async throws {
        try await Night.with(["a": []]) { night in
            expect(try await night.run(), exits: 2)
            expect(try await night.run("--allow-empty"), exits: 0)
            try FileManager.default.removeItem(at: night.folder.appending(path: "rec/a"))
            expect(try await night.run("--allow-empty"), exits: 0)
            // A share that is not mounted is not a night without sessions.
            try FileManager.default.removeItem(at: night.folder.appending(path: "rec"))
            let absent = try await night.run("--allow-empty")
            expect(absent, exits: 2)
            #expect(absent.errorText.contains("there is no folder rec"), "\(absent.errorText)")
        }
    }
}
