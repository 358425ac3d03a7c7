import Foundation
import TestSupport
import Testing

/// Each of the pipelines that come with the program, on the samples.
@Suite(.fewAtOnce) struct CommittedPipelinesTests {
    @Test func `every committed pipeline runs on the samples, and again with nothing to do`() async throws {
        try await withTemporaryFolder { folder in
            for part in ["pipelines", "samples"] {
                let (from, to) = (Places.root.appending(path: part), folder.appending(path: part))
                try await run("cp", ["-a", from.path, to.path]).expectSuccess()
            }
            // In this order, for the last one submits what the one before has made.
            for name in ["post-session", "session-with-stats", "manifests-only", "submit-ready"] {
                let pipeline = folder.appending(path: "pipelines/\(name).yaml")
                let comment = try String(contentsOf: pipeline, encoding: .utf8).prefix { $0 != "\n" }
                #expect(comment.hasPrefix("# "), "its first lines explain it")
                let first = try await clipship(["run", pipeline.path], in: folder)
                expect(first, exits: 0)
                #expect(first.outputLines.count == 7)
                let again = try await clipship(["run", pipeline.path], in: folder)
                expect(again, exits: 0)
                #expect(
                    again.errorText.contains("nothing has changed, so nothing was done; output in "),
                    "\(name): \(again.errorText)")
                let output = Output(folder: folder.appending(path: "out/\(name)"))
                #expect(try await mistakes(in: [SchemaQuestion(.batch, output.batchFile)]) == [[]])
            }
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "pipelines").path)
            #expect(names.count { $0.hasSuffix(".yaml") } == 4, "a new pipeline is to be run here too")
        }
    }
}
