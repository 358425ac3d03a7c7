import Foundation
import Glibc
import SystemIO
import TestSupport
import Testing

@Suite(.serialized) struct EphemeralTests {
    private func names(in folder: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path)
    }

    @Test(arguments: [SIGTERM, SIGINT, SIGKILL])
    func `serve --ephemeral leaves nothing, whichever way it ends`(signal: Int32) async throws {
        try await withTemporaryFolder { folder in
            try await withProgram(
                Places.clipship, ["serve", "--ephemeral", "--tls"], environment: ["TMPDIR": folder.path]
            ) { program in
                _ = try await program.printed { $0.outputLines.first }
                let name = try #require(try names(in: folder).first)
                let inside = folder.appending(path: name)
                #expect(FileManager.default.fileExists(atPath: inside.appending(path: "certificate.pem").path))
                let mode = try FileManager.default.attributesOfItem(atPath: inside.path)[.posixPermissions] as? Int
                #expect(mode == 0o700)
                program.signal(signal)
                _ = try await program.end()
                if signal == SIGKILL {
                    // Its guardian removes it.
                    let limit = ContinuousClock.now + .seconds(30)
                    while try !names(in: folder).isEmpty, ContinuousClock.now < limit { await Task.yield() }
                }
                #expect(try names(in: folder).isEmpty)
            }
        }
    }

    @Test func `serve --ephemeral leaves nothing when it can't start`() async throws {
        try await withTemporaryFolder { folder in
            let result = try await run(
                Places.clipship, ["serve", "--ephemeral", "--stats", "/none.yaml"],
                environment: ["TMPDIR": folder.path])
            #expect(result.status == 2 && result.errorText.contains("/none.yaml"))
            #expect(try names(in: folder).isEmpty)
        }
    }

    @Test func `--ephemeral does not go with --data`() async throws {
        let result = try await run(Places.clipship, ["serve", "--ephemeral", "--data", "somewhere"])
        #expect(result.status == 2 && result.errorText.contains("--data"))
    }
}
