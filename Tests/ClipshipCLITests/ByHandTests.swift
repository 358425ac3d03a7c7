import Foundation
import TestSupport
import Testing

/// Point 3 of the main job: what docs/local-service.md describes, done with nothing but `curl`.
@Suite(.fewAtOnce) struct ByHandTests {
    @Test func `curl alone uploads a clip in several blocks, in any order, and fetches it back`() async throws {
        try await withTemporaryFolder { folder in
            let clip = try Data(contentsOf: Places.samples.appending(path: "lobby-vfr.mp4"))
            try await Service.with(folder.appending(path: "data")) { service in
                struct Begun: Decodable {
                    var gameClipId: String
                    var uploadUri: String
                }
                let begun = try JSONDecoder().decode(
                    Begun.self,
                    from: await service.curl(
                        service.clips, "--data",
                        """
                        {"dateRecorded": "2026-01-31T20:15:00Z", "durationInSeconds": 6, "fileSize": \(clip.count),
                         "expectedBlocks": 3, "type": "DeveloperInitiated", "source": "TitleDirect",
                         "visibility": "Default", "thumbnailSource": "Offset", "thumbnailOffsetMillseconds": 1000}
                        """))
                for (number, status) in [(2, 202), (0, 202), (1, 201)] {
                    let block = folder.appending(path: "block")
                    try clip[number * 400_000..<min((number + 1) * 400_000, clip.count)].write(to: block)
                    try await service.curl(
                        "--upload-file", block.path,
                        "\(begun.uploadUri)?blockNum=\(number)&uploadId=\(begun.gameClipId)", expect: status)
                }
                let end = ContinuousClock.now + .seconds(60)
                var remote = try await service.clip(begun.gameClipId)
                while remote.state != "Published", ContinuousClock.now < end {
                    remote = try await service.clip(begun.gameClipId)
                }
                #expect(remote.state == "Published")
                #expect(try await service.curl(try #require(remote.gameClipUris?.first).uri) == clip)
            }
        }
    }

    @Test func `serve says where it listens and where the token is, and ends with 0 on Ctrl-C`() async throws {
        try await withTemporaryFolder { folder in
            try await Service.with(folder.appending(path: "data")) { service in
                let errors = try await service.program.printed { $0.errorLines.first }
                #expect(errors.hasPrefix("token: in ") && errors.hasSuffix("/data/tokens.json"))
                #expect(!errors.contains(service.token))
                service.program.signal(SIGINT)
                let end = try await service.program.end()
                expect(end, exits: 0)
                #expect(end.outputText == "listening on \(service.address)\n")
            }
        }
    }

    @Test func `a second service on the same data folder is refused with 75 and told who has it`() async throws {
        try await withTemporaryFolder { folder in
            let data = folder.appending(path: "data")
            try await Service.with(data) { _ in
                let second = try await clipship(["serve", "--data", data.path])
                expect(second, exits: 75)
                #expect(second.errorText.contains("data"), "\(second.errorText)")
                #expect(second.outputText == "")
            }
        }
    }
}
