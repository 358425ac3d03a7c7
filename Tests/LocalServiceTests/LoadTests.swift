import Foundation
import TestSupport
import Testing

/// The short version of `make load`.
@Suite(.serialized) struct LoadTests {
    @Test func `uploads at once are all published with the service killed in the middle, in little memory`()
        async throws
    {
        try await withTemporaryFolder { folder in
            let clip = folder.appending(path: "clip.mp4")
            try await run(
                "ffmpeg",
                [
                    "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=128x96:rate=30:duration=0.2", "-c:v", "libx264",
                    "-pix_fmt", "yuv420p", clip.path,
                ]
            ).expectSuccess()
            let result = try await run(
                "/usr/bin/python3",
                [
                    Places.root.appending(path: "Tests/Programs/load.py").path, Places.clipship, folder.path, clip.path,
                    "60", "kill",
                ])
            try result.expectSuccess()
            let figures = try JSONDecoder().decode([String: Double].self, from: result.output)
            #expect(figures["clips"] == 60 && figures["kills"] == 1 && figures["connections"] == 60)
            #expect(!Sanitizer.isOff || figures["megabytes", default: .infinity] < 200)
        }
    }
}

extension LoadTests {
    @Test func `a thousand connections are held, and all of them are answered`() async throws {
        try await Harness.run { harness in
            let connections = try (0..<1_000).map { _ in try RawConnection(port: harness.address.port) }
            for connection in connections {
                try connection.send("GET /users/me/clips HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n")
            }
            var answered = 0
            for connection in connections where try connection.receive().hasPrefix("HTTP/1.1 401 ") { answered += 1 }
            #expect(answered == 1_000)
        }
    }
}
