import Foundation
import TestSupport
import Testing

/// What was asked for and isn't there is not left out without a word.
@Suite(.fewAtOnce, .timeLimit(.minutes(5))) struct MissingFilesTests {
    private struct Report: Decodable {
        struct Missing: Decodable, Equatable {
            var path: String
            var reason: String
        }
        var missing: [Missing]?
    }

    private func withTwoPatterns(
        _ more: String = "", _ body: (Workbench) async throws -> Void
    ) async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline(more: more)
            try bench.change(#"["clips/*.mp4"]"#, to: #"["clips/*.mp4", "other disk/*.mp4"]"#)
            try await body(bench)
        }
    }

    @Test(arguments: [("", 1), ("onMissing: fail", 1), ("onMissing: warn", 0)])
    func `the rest is done, and what is missing is said before, after and in the report`(
        option: String, code: Int32
    ) async throws {
        try await withTwoPatterns(option) { bench in
            // A run that has nothing to do says it again.
            for _ in 1...2 {
                let result = try await bench.run()
                expect(result, exits: code)
                #expect(try bench.output.batch.states == ["instant-replay": "published"])
                let sentence = "missing: other disk/*.mp4: there is no folder other disk"
                #expect(result.errorText.components(separatedBy: sentence).count == 3, "\(result.errorText)")
                let report = try JSONDecoder().decode(Report.self, from: try bench.output.batchFile)
                #expect(
                    report.missing == [.init(path: "../other disk/*.mp4", reason: "there is no folder other disk")])
                #expect(try await bench.output.schemaMistakes() == [])
            }
            try FileManager.default.createDirectory(
                at: bench.folder.appending(path: "other disk"), withIntermediateDirectories: true)
            try FileManager.default.copyItem(
                at: Places.samples.appending(path: "phone-portrait.mp4"),
                to: bench.folder.appending(path: "other disk/phone.mp4"))
            expect(try await bench.run(), exits: 0)
            #expect(try bench.output.batch.states == ["instant-replay": "published", "phone": "published"])
            #expect(try JSONDecoder().decode(Report.self, from: try bench.output.batchFile).missing == nil)
        }
    }

    @Test func `it is ignored where that is wanted, and of no matter where one clip is wanted`() async throws {
        try await withTwoPatterns("onMissing: ignore") { bench in
            let result = try await bench.run()
            expect(result, exits: 0)
            #expect(!result.errorText.contains("missing"))
        }
        try await withTwoPatterns { bench in
            expect(try await bench.run("--only", "instant-replay"), exits: 0)
            let absent = try await bench.run("--only", "instant-replai")
            expect(absent, exits: 2)
            #expect(absent.errorText.contains("missing: other disk/*.mp4"), "it may be there")
        }
    }

    @Test func `a plan says so, too, and a pipeline of manifests`() async throws {
        try await withTwoPatterns { bench in
            let plan = try await bench.run("--dry-run")
            expect(plan, exits: 1)
            #expect(plan.outputText.contains("instant-replay: ") && plan.errorText.contains("other disk"))
            expect(try await bench.run("--no-submit"), exits: 1)
            let ready = bench.folder.appending(path: "ready.yaml")
            let text = """
                manifests: ["out/manifests/*.json", "elsewhere/*.json"]
                service: local
                output: out2
                """
            try Data(text.utf8).write(to: ready)
            let result = try await clipship(["run", ready.path], in: bench.folder)
            expect(result, exits: 1)
            #expect(result.errorText.contains("missing: elsewhere/*.json: there is no folder elsewhere"))
            #expect(result.outputText.contains("published"))
        }
    }

    /// What makes an ordinary user of root, who may look into every folder.
    private static let asOrdinary =
        geteuid() == 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : []

    private static func canBeOrdinary() async -> Bool {
        (try? await run("/usr/bin/env", asOrdinary + [Clipship.path, "--version"]))?.status == 0
    }

    @Test(.enabled("an ordinary user can't run the program where it is") { await canBeOrdinary() })
    func `a folder that can't be looked into is told by its path, and the rest is done`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline()
            try bench.change("clips/*.mp4", to: "clips/**/*.mp4")
            let more = ["closed", "blind"].map { bench.clips.appending(path: $0) }
            for folder in more {
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
                try FileManager.default.copyItem(
                    at: Places.samples.appending(path: "phone-portrait.mp4"), to: folder.appending(path: "a.mp4"))
            }
            if geteuid() == 0 { try await run("chown", ["-R", "65534", bench.folder.path]).expectSuccess() }
            chmod(more[0].path, 0)
            // Its names can be read, and nothing more.
            chmod(more[1].path, 0o444)
            defer { for folder in more { chmod(folder.path, 0o755) } }
            let result = try await run(
                "/usr/bin/env", Self.asOrdinary + [Clipship.path, "run", bench.pipeline.path, "--no-submit"],
                in: bench.folder)
            expect(result, exits: 1)
            #expect(result.errorText.contains("missing: clips/closed: can't list it: Permission denied"))
            let batch = try bench.output.batch
            #expect(batch["instant-replay"]?.state == "ready")
            #expect(batch["blind-a"]?.reason?.contains("Permission denied") == true, "\(batch.clips)")
        }
    }

    @Test(
        .enabled(if: Sanitizer.isOff, "a sanitizer wants to be loaded first"),
        arguments: [(EIO, 1), (ESTALE, 75)] as [(Int32, Int32)])
    func `a folder whose listing breaks off in the middle is told by its path, and the rest is done`(
        number: Int32, code: Int32
    ) async throws {
        try await withTwoPatterns { bench in
            let disk = bench.folder.appending(path: "other disk")
            try FileManager.default.createDirectory(at: disk, withIntermediateDirectories: true)
            for name in ["a", "b", "c"] { try Data().write(to: disk.appending(path: "\(name).mp4")) }
            let library = try await compileLibrary("fail-call", in: bench.folder)
            // Three names, two that stand for folders, and the end.
            for call in 1...6 {
                let result = try await clipship(
                    ["run", bench.pipeline.path, "--dry-run"], in: bench.folder,
                    environment: [
                        "LD_PRELOAD": library, "FAIL_CALL": "\(call)", "FAIL_ERRNO": "\(number)",
                        "FAIL_NAME": "readdir", "FAIL_BELOW": disk.resolvingSymlinksInPath().path,
                    ])
                expect(result, exits: code)
                let sentence = "missing: other disk: can't list it: \(String(cString: strerror(number)))"
                #expect(result.errorText.contains(sentence), "call \(call): \(result.errorText)")
                // Half a folder is no folder.
                #expect(result.outputLines.last?.hasPrefix("1 clip to out") == true, "\(result.outputText)")
            }
        }
    }

    @Test func `folders at a pattern's end are a mistake with what to write instead`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline()
            try bench.change("clips/*.mp4", to: "clips/**")
            let result = try await bench.run()
            expect(result, exits: 2)
            #expect(
                result.errorText.contains(
                    #"pipeline.yaml:3:9: "clips": expected what files are called behind "**""#), "\(result.errorText)")
        }
    }
}
