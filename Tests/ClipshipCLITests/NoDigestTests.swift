import Foundation
import TestSupport
import Testing

/// A system whose OpenSSL computes no digests, for its configuration loads no provider of them.
@Suite(.fewAtOnce) struct NoDigestTests {
    private static let reason = "OpenSSL can't compute a SHA-256 digest"

    @Test func `a digest that can't be computed is no change of the file, and the same command goes on`() async throws {
        try await Workbench.with(["instant-replay"]) { bench in
            let configuration = bench.folder.appending(path: "openssl.cnf")
            try Data("openssl_conf=a\n[a]\nproviders=b\n[b]\nbase=c\n[c]\nactivate=1\n".utf8).write(to: configuration)
            let environment = ["OPENSSL_CONF": configuration.path]
            /// Temporary where there are no digests, and then done.
            func expectDelay(of words: [String]) async throws {
                let delayed = try await clipship(words, in: bench.folder, environment: environment)
                expect(delayed, exits: 75)
                #expect(delayed.outputText.contains(Self.reason))
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
