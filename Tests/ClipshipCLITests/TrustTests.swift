import Foundation
import TestSupport
import Testing

/// What clipship wrote and finds again is used only if it is what it wrote; what comes from elsewhere is checked in itself.
@Suite(.fewAtOnce, .timeLimit(.minutes(5))) struct TrustTests {
    // MARK: - Before it is submitted

    /// What somebody may have changed in a manifest: a piece of its text, and what stands there then.
    private static let edits: [(what: String, text: String, other: String)] = [
        ("visibility", "\"visibility\" : \"Default\"", "\"visibility\" : \"Public\""),
        ("caption", "workbench take-", "elsewhere take-"),
        ("scid", "-000000000070\"", "-000000000071\""),
        ("type", "DeveloperInitiated", "UserGenerated"),
        ("source", "TitleDirect", "Console"),
        ("date", "\"dateRecorded\" : \"20", "\"dateRecorded\" : \"19"),
        ("seconds", "\"durationInSeconds\" : 1", "\"durationInSeconds\" : 2"),
        ("blocks", "\"expectedBlocks\" : 1", "\"expectedBlocks\" : 2"),
        ("offset", "\"thumbnailOffsetMillseconds\" : 6", "\"thumbnailOffsetMillseconds\" : 1"),
        ("thumbnail-source", "\"thumbnailSource\" : \"Offset\"", "\"thumbnailSource\" : \"Upload\""),
        ("locale", "\"request\" : {", "\"request\" : {\"gameClipLocale\": \"en-GB\","),
        ("session", "/session", "/sessiom"),
        ("marker", "{\\\"clipship\\\":\\\"", "{\\\"clipship\\\":\\\"0"),
        ("file", "\"path\" : \"../../clips/take-file", "\"path\" : \"../../clips/take-date"),
        ("name", "\"clip\" : \"take-name\"", "\"clip\" : \"take-file\""),
        ("large-thumbnail", "take-large-thumbnail.large.jpg", "take-large-thumbnail.small.jpg"),
        ("format", "clipship-manifest/1", "clipship-manifest/2"),
        ("warnings", "\"warnings\" : [", "\"warnings\" : [\"all is well\","),
        ("facts", "\"width\" : 1280", "\"width\" : 1281"),
        ("space", "\n}\n", "\n}\n\n"),
        ("end", "\n}\n", "\n"),
    ]

    @Test func `whatever is changed in a manifest is noticed, made again, and nothing of it is published`() async throws
    {
        try await Workbench.with(["instant-replay"]) { bench in
            // Past the end, of which the manifest has a warning.
            try bench.writePipeline(thumbnails: "{source: Offset, offset: 20000}")
            try bench.change("{session.title}: {clip.name}", to: "workbench {clip.name}")
            let sample = bench.clips.appending(path: "instant-replay.mp4")
            for edit in Self.edits {
                let copy = bench.clips.appending(path: "take-\(edit.what).mp4")
                try FileManager.default.copyItem(at: sample, to: copy)
                try bench.age(copy)
            }
            try FileManager.default.removeItem(at: sample)
            expect(try await bench.run("--no-submit"), exits: 0)
            let made = try bench.output.manifests()
            for edit in Self.edits {
                let path = bench.output.manifest("take-\(edit.what)")
                let text = try String(contentsOf: path, encoding: .utf8)
                let changed = text.replacing(edit.text, with: edit.other)
                #expect(changed != text, "\(edit.what) is not in the manifest")
                try Data(changed.utf8).write(to: path)
            }
            let run = try await bench.run()
            expect(run, exits: 0)
            for edit in Self.edits {
                #expect(
                    run.errorText.contains(
                        "take-\(edit.what): warning: its manifest was changed after clipship wrote it"),
                    "\(edit.what)")
            }
            #expect(try bench.output.manifests() == made)
            // What the service was asked for is what the manifests were at first.
            let asked = try await requests(bench)
            #expect(asked.count == Self.edits.count)
            for (name, manifest) in made {
                let expected = try members(manifest)
                let request = try #require(asked.first { $0["userCaption"] as? String == "workbench \(name)" })
                for member in expected.keys where member != "systemProperties" {
                    #expect("\(request[member] ?? "none")" == "\(expected[member] ?? "none")", "\(name): \(member)")
                }
            }
        }
    }

    /// The requests that the local service has taken.
    private func requests(_ bench: Workbench) async throws -> [[String: Any]] {
        let rows = try await run(
            "sqlite3", [bench.output.localService.appending(path: "service.db").path, "SELECT request FROM clips"])
        return try rows.outputLines.map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
    }

    private func members(_ manifest: Data) throws -> [String: Any] {
        let all = try JSONSerialization.jsonObject(with: manifest) as? [String: Any]
        return try #require(all?["request"] as? [String: Any])
    }

    // MARK: - After it was published

    /// What can happen to a file of the output.
    enum Damage: String, CaseIterable, Sendable {
        case flipped, sameSize, shortened, removed

        func happen(to file: URL) throws {
            var bytes = try Data(contentsOf: file)
            switch self {
            case .flipped: bytes[bytes.count / 2] ^= 0x01
            case .sameSize: bytes = Data(repeating: 0x20, count: bytes.count)
            case .shortened: bytes.removeLast(bytes.count / 3)
            case .removed: return try FileManager.default.removeItem(at: file)
            }
            // In place, as a disk or an editor does.
            let handle = try FileHandle(forWritingTo: file)
            try handle.write(contentsOf: bytes)
            try handle.truncate(atOffset: UInt64(bytes.count))
            try handle.close()
        }
    }

    @Test(arguments: ["", "blocks: {write: true}"])
    func `what is damaged in the output after publication is noticed by the next run, and made again`(
        more: String
    ) async throws {
        try await Workbench.with(["instant-replay", "lobby-vfr"]) { bench in
            try bench.writePipeline(more: more)
            expect(try await bench.run(), exits: 0)
            let before = try bench.output.batch
            var files: [(name: String, url: URL)] = [
                ("manifest", bench.output.manifest("lobby-vfr")),
                ("large thumbnail", bench.output.thumbnail("lobby-vfr", "large")),
                ("small thumbnail", bench.output.thumbnail("lobby-vfr", "small")),
            ]
            if !more.isEmpty {
                files.append(("block 0", bench.output.folder.appending(path: "blocks/lobby-vfr/00000.blk")))
            }
            for (number, (name, file)) in files.enumerated() {
                let whole = try Data(contentsOf: file)
                for damage in more.isEmpty ? Damage.allCases : [Damage.allCases[number % 4]] {
                    try damage.happen(to: file)
                    let run = try await bench.run()
                    expect(run, exits: 0)
                    #expect(try Data(contentsOf: file) == whole, "\(name) \(damage)")
                    let warning = "lobby-vfr: warning: its \(name) was changed after clipship wrote it"
                    #expect(run.errorText.contains(warning) == (damage != .removed), "\(damage): \(run.errorText)")
                    #expect(!run.errorText.contains("instant-replay"), "nothing is done for the other one")
                    #expect(try bench.output.batch.clips.map(\.gameClipId) == before.clips.map(\.gameClipId))
                }
            }
            let unchanged = try await bench.run()
            expect(unchanged, exits: 0)
            #expect(!unchanged.errorText.contains("warning"))
        }
    }

    @Test func `an output that was copied is compared once, and nothing of it is made again`() async throws {
        try await Workbench.with(["instant-replay", "lobby-vfr"]) { bench in
            try bench.writePipeline()
            expect(try await bench.run(), exits: 0)
            for name in ["manifests", "thumbnails"] {
                let folder = bench.output.folder.appending(path: name)
                try await run("cp", ["-r", folder.path, folder.path + "-copy"]).expectSuccess()
                try FileManager.default.removeItem(at: folder)
                try FileManager.default.moveItem(atPath: folder.path + "-copy", toPath: folder.path)
            }
            let manifest = bench.output.manifest("lobby-vfr").path
            let inode = { try FileManager.default.attributesOfItem(atPath: manifest)[.systemFileNumber] as? Int }
            let before = try inode()
            for _ in 1...2 {
                let run = try await bench.run()
                expect(run, exits: 0)
                #expect(!run.errorText.contains("warning"))
            }
            #expect(try inode() == before)
        }
    }

    @Test func `what a killed run left half-written is gone after the next`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline(more: "blocks: {write: true}")
            let folders = ["out", "out/manifests", "out/thumbnails", "out/blocks/instant-replay"]
            for folder in folders {
                let place = bench.folder.appending(path: folder)
                try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
                try Data("half".utf8).write(to: place.appending(path: ".clipship-a1B2c3"))
            }
            expect(try await bench.run(), exits: 0)
            #expect(try !bench.files().contains { $0.hasSuffix(".clipship-a1B2c3") })
        }
    }

    @Test(.enabled(if: Strace.isThere, "\(Strace.isAbsent)"))
    func `the names of new folders survive a power cut`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            let (trace, new) = (bench.folder.appending(path: "trace"), bench.folder.appending(path: "new"))
            let made = try await run(
                "strace",
                [
                    "-f", "-y", "-e", "trace=mkdir,fsync", "-o", trace.path, Clipship.path, "manifest",
                    bench.clips.path,
                    "--session", bench.session.path, "--output", new.appending(path: "deep").path,
                ], in: bench.folder)
            expect(made, exits: 0)
            let calls = try String(contentsOf: trace, encoding: .utf8).split(separator: "\n").map(String.init)
            for (folder, parent) in [("new", ""), ("new/deep", "new"), ("new/deep/manifests", "new/deep")] {
                let path = bench.folder.appending(path: folder).path
                let above = parent.isEmpty ? bench.folder.path : bench.folder.appending(path: parent).path
                let place = try #require(
                    calls.firstIndex { $0.contains("mkdir(\"\(path)\",") && $0.hasSuffix("= 0") }, "\(calls)")
                #expect(calls[place...].contains { $0.contains("fsync(") && $0.contains("<\(above)>)") }, "\(folder)")
            }
        }
    }

    // MARK: - From elsewhere

    /// A manifest of instant-replay and lobby-vfr, and how to submit them to a service of their own.
    private func withManifests(_ body: (Workbench, [String]) async throws -> Void) async throws {
        try await Workbench.with(["instant-replay", "lobby-vfr"]) { bench in
            try bench.writePipeline()
            expect(try await bench.run("--no-submit"), exits: 0)
            try await body(
                bench,
                ["submit"] + ["instant-replay", "lobby-vfr"].map { bench.output.manifest($0).path } + [
                    "--output", bench.folder.appending(path: "there").path,
                ])
        }
    }

    private func change(_ file: URL, _ text: String, to other: String) throws {
        let before = try String(contentsOf: file, encoding: .utf8)
        let after = before.replacing(text, with: other)
        #expect(after != before)
        try Data(after.utf8).write(to: file)
    }

    @Test func `a manifest whose key is not that of its members is refused before anything is sent`() async throws {
        try await withManifests { bench, submit in
            let manifest = bench.output.manifest("lobby-vfr")
            let whole = try Data(contentsOf: manifest)
            for (text, other) in [
                ("-000000000070\"", "-000000000071\""), ("\"clip\" : \"lobby-vfr\"", "\"clip\" : \"lobby\""),
                ("/session", "/sessiom"),
            ] {
                try change(manifest, text, to: other)
                for words in [submit, ["verify", manifest.path]] {
                    let result = try await clipship(words, in: bench.folder)
                    expect(result, exits: 2)
                    #expect(
                        result.errorText.contains(
                            "out/manifests/lobby-vfr.json is no manifest: its key in request.systemProperties is not that of"
                        ))
                }
                try whole.write(to: manifest)
            }
            #expect(!FileManager.default.fileExists(atPath: bench.folder.appending(path: "there").path))
        }
    }

    @Test func `what a manifest from elsewhere asks for beyond what is usual is said`() async throws {
        try await withManifests { bench, submit in
            try change(
                bench.output.manifest("lobby-vfr"), "\"visibility\" : \"Default\"", to: "\"visibility\" : \"Public\"")
            let result = try await clipship(submit, in: bench.folder)
            expect(result, exits: 0)
            #expect(
                result.errorText.contains(
                    "lobby-vfr: warning: its manifest, which was not made in this output folder, asks for the visibility "
                        + "Public in the service configuration \(Workbench.scid)"))
            #expect(!result.errorText.contains("instant-replay: warning"))
        }
    }

    @Test func `a link that leads out of a folder is refused unless that is allowed`() async throws {
        try await withManifests { bench, submit in
            // The clip of one manifest, and a thumbnail of the other.
            let elsewhere = bench.folder.appending(path: "elsewhere")
            try FileManager.default.createDirectory(at: elsewhere, withIntermediateDirectories: true)
            for file in [
                bench.clips.appending(path: "lobby-vfr.mp4"), bench.output.thumbnail("instant-replay", "small"),
            ] {
                let target = elsewhere.appending(path: file.lastPathComponent)
                try FileManager.default.moveItem(at: file, to: target)
                try FileManager.default.createSymbolicLink(at: file, withDestinationURL: target)
            }
            for (text, other) in [
                ("\"thumbnailSource\" : \"Offset\"", "\"thumbnailSource\" : \"Upload\""),
                ("\"thumbnailOffsetMillseconds\"", "\"unknown\""),
            ] {
                try change(bench.output.manifest("instant-replay"), text, to: other)
            }
            let reason = "it is outside of the folder that it should be in; --follow-links allows that"
            for clips in [[], ["--clips", bench.clips.path]] {
                let refused = try await clipship(submit + clips, in: bench.folder)
                expect(refused, exits: 1)
                #expect(refused.outputText.contains("can't read lobby-vfr.mp4: \(reason)"), "\(refused.outputText)")
                #expect(
                    refused.outputText.contains("can't read instant-replay.small.jpg: \(reason)"),
                    "\(refused.outputText)")
                let verified = try await clipship(
                    ["verify", bench.output.manifest("lobby-vfr").path] + clips, in: bench.folder)
                expect(verified, exits: 1)
                #expect(verified.outputText.contains(reason))
            }
            expect(
                try await clipship(
                    ["verify", bench.output.manifest("lobby-vfr").path, "--follow-links"], in: bench.folder), exits: 0)
            expect(try await clipship(submit + ["--follow-links"], in: bench.folder), exits: 0)
        }
    }
}
