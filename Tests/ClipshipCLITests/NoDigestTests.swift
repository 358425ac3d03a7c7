import Foundation
import TestSupport
import Testing

/// A system whose OpenSSL computes no digests, for its configuration loads no provider of them.
@Suite(.fewAtOnce) struct NoDigestTests {
    private static let reason = "OpenSSL can't compute a SHA-256 digest"

    @Test func `clips of one name and parts of a download are not mixed up without digests`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            let configuration = bench.folder.appending(path: "openssl.cnf")
            try Data("openssl_conf=a\n[a]\nproviders=b\n[b]\nbase=c\n[c]\nactivate=1\n".utf8).write(to: configuration)
            let environment = ["OPENSSL_CONF": configuration.path]
            for name in ["a", "b"] {
                let folder = bench.clips.appending(path: name)
                try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
                try Data().write(to: folder.appending(path: "take.mp4"))
            }
            try bench.writePipeline()
            try bench.change(#"["clips/*.mp4"]"#, to: #"["clips/a/*.mp4", "clips/b/*.mp4"]"#)
            let plan = try await clipship(
                ["run", bench.pipeline.path, "--dry-run"], in: bench.folder, environment: environment)
            expect(plan, exits: 75)
            #expect(
                plan.errorLines == ["clipship: \(Self.reason), by which clips of the same name are told apart"])

            try bench.writePipeline()
            expect(try await bench.run("--only", "instant-replay"), exits: 0)
            let id = try #require(try bench.output.batch["instant-replay"]?.gameClipId)
            let words = ["clip", "download", id, "copy.mp4", "--scid", Workbench.scid, "--output", "out"]
            let download = try await clipship(words, in: bench.folder, environment: environment)
            expect(download, exits: 75)
            #expect(download.errorText.contains(Self.reason))
        }
    }

    @Test func `a digest that can't be computed is no change of the file, and the same command goes on`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            let configuration = bench.folder.appending(path: "openssl.cnf")
            try Data("openssl_conf=a\n[a]\nproviders=b\n[b]\nbase=c\n[c]\nactivate=1\n".utf8).write(to: configuration)
            let environment = ["OPENSSL_CONF": configuration.path]
            /// Temporary where there are no digests, and then done.
            func expectDelay(of words: [String]) async throws {
                let delayed = try await clipship(words, in: bench.folder, environment: environment)
                expect(delayed, exits: 75)
                #expect((delayed.outputText + delayed.errorText).contains(Self.reason))
                #expect(!delayed.outputText.contains("failed") && !delayed.outputText.contains("changed"))
                expect(try await clipship(words, in: bench.folder), exits: 0)
            }
            try await expectDelay(of: [
                "manifest", bench.clips.path, "--session", bench.session.path, "--output", bench.output.path,
            ])
            try await Service.with(bench.folder.appending(path: "data")) { service in
                let token = bench.folder.appending(path: "token")
                try service.writeToken(to: token)
                try await expectDelay(of: [
                    "submit", bench.output.manifest("instant-replay").path, "--service", service.address,
                    "--token-file", token.path,
                ])
                #expect(try await service.list().map(\.state) == ["Published"])
            }
        }
    }
}
