import Foundation
import TestSupport
import Testing

/// Files whose names are bytes that no text has.
@Suite(.fewAtOnce, .timeLimit(.minutes(3))) struct NameTests {
    @Test func `a name that is not UTF-8 works from the pattern to the report, and is shown readably`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            let sample = bench.clips.appending(path: "instant-replay.mp4").path
            // In Latin-1: two names of one length in a folder, one of them with a sidecar, and an output folder.
            let script = """
                set -e
                folder="clips/$(printf 'M\\344rz')"
                mkdir "$folder"
                mv "\(sample)" "$folder/$(printf 'b\\374ro').mp4"
                cp -p "$folder/$(printf 'b\\374ro').mp4" "$folder/$(printf 'b\\366ro').mp4"
                printf 'userCaption: from the sidecar\\n' > "$folder/$(printf 'b\\374ro').yaml"
                touch -d 2020-01-01 "$folder"/*
                """
            try await run("sh", ["-c", script], in: bench.folder).expectSuccess()
            try bench.writePipeline()
            try bench.change("clips/*.mp4", to: "clips/**/*.mp4")
            let result = try await bench.run()
            expect(result, exits: 0)
            let batch = try bench.output.batch
            #expect(batch.clips.count == 2 && Set(batch.clips.map(\.state)) == ["published"])
            #expect(
                Set(batch.clips.map(\.file))
                    == ["../clips/M\u{10FEE4}rz/b\u{10FEFC}ro.mp4", "../clips/M\u{10FEE4}rz/b\u{10FEF6}ro.mp4"])
            #expect(batch.clips.allSatisfy { $0.clip.hasPrefix("M_rz-b_ro~") })
            let captions = try await run(
                "sqlite3",
                [
                    bench.output.localService.appending(path: "service.db").path,
                    "SELECT json_extract(request, '$.userCaption') FROM clips",
                ])
            #expect(captions.outputText.contains("from the sidecar"))
            #expect(try await bench.output.schemaMistakes() == [])
            let unchanged = try await bench.run()
            #expect(unchanged.errorText.contains("nothing has changed"), "\(unchanged.errorText)")
            // Each command finds them again, and shows bytes as what they are.
            let manifests = batch.clips.map { bench.output.manifest($0.clip).path }
            expect(try await clipship(["verify"] + manifests, in: bench.folder), exits: 0)
            let plan = try await bench.run("--dry-run")
            #expect(plan.outputText.contains("clips/M\\xE4rz/b\\xFCro.mp4"), "\(plan.outputText)")
            let probe = try await run(
                "sh", ["-c", "\"$0\" probe clips/*/*.mp4 --format json", Clipship.path], in: bench.folder)
            expect(probe, exits: 0)
        }
    }

    @Test func `an output folder may have any name`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline()
            let script = """
                out="$(printf 'M\\344rz')"
                "$0" run pipeline.yaml --output "$out" && "$0" run pipeline.yaml --output "$out" && "$0" status "$out" &&
                    "$0" report "$out" && ls "$out" && "$0" verify "$out"/manifests/*.json
                """
            let result = try await run("sh", ["-c", script, Clipship.path], in: bench.folder)
            expect(result, exits: 0)
            for name in ["batch.json", "journal.db", "report.html", "local-service", "unchanged.seal"] {
                #expect(result.outputLines.contains(name), "\(name)")
            }
            #expect(result.errorText.contains("M\\xE4rz"))
        }
    }
}
