import Foundation
import TestSupport
import Testing

/// What becomes of results that can't be written.
@Suite(.fewAtOnce) struct LostResultTests {
    private static let clip = Places.samples.appending(path: "instant-replay.mp4").path

    private func shell(_ script: String) async throws -> ProgramResult {
        try await run("bash", ["-c", script, Clipship.path, Self.clip])
    }

    @Test(arguments: [
        ("\"$0\" probe \"$1\" >/dev/full", "No space left on device"), ("\"$0\" --help >/dev/full", "No space left"),
        ("\"$0\" probe \"$1\" >&-", "Bad file descriptor"),
    ])
    func `lost results are an error`(script: String, reason: String) async throws {
        let result = try await shell(script)
        expect(result, exits: 75)
        #expect(result.errorLines.count == 1)
        #expect(result.errorText.hasPrefix("clipship: can't write to standard output: \(reason)"))
    }

    @Test func `a reader that has seen enough is none`() async throws {
        // The reader is gone before the first result.
        let result = try await shell("(sleep 0.2; exec \"$0\" probe \"$1\") | true; echo ${PIPESTATUS[0]}")
        #expect(result.outputText == "0\n" && result.errorText == "")
    }

    @Test func `without standard error all is as ever, and no file takes its place`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            try bench.writePipeline()
            let result = try await run(
                "bash", ["-c", "\"$0\" run pipeline.yaml --verbose 2>&-", Clipship.path], in: bench.folder)
            expect(result, exits: 0)
            #expect(try await bench.output.schemaMistakes() == [])
        }
    }
}
