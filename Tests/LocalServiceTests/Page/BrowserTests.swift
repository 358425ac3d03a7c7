import Foundation
import MediaWorker
import TestSupport
import Testing

@testable import LocalService

@Suite(.serialized, .enabled(if: Browser.path != nil, "\(Browser.isAbsent)")) struct BrowserTests {
    @Test func `in a browser the page shows clips as text, plays one, fits both widths and can be used by keyboard`()
        async throws
    {
        try await withTemporaryFolder { folder in
            try await Harness.run(
                in: folder,
                inspector: MediaInspector(
                    media: MediaWorkerPool(width: 1, forkServer: ForkServer()) { _ in })
            ) {
                $0.page = true
            } _: { harness in
                let captions = ["<script>alert(1)</script>", "<img src=x onerror=alert(2)>"]
                let clip = try Data(contentsOf: Places.samples.appending(path: "instant-replay.mp4"))
                for caption in captions {
                    _ = try await harness.upload(clip, blockSize: 2_000_000, ["userCaption": caption])
                }
                let result = try await run(
                    "/usr/bin/python3",
                    [
                        Places.root.appending(path: "Tests/Programs/look-at-page.py").path, Browser.path ?? "",
                        harness.address.baseURL + "/", folder.path, "2",
                    ] + Browser.axe)
                try result.expectSuccess()
                let facts = try JSONDecoder().decode(Facts.self, from: result.output)
                #expect(facts.captions == captions.reversed())
                #expect(facts.elementsInCaptions == 0 && facts.scripts == 1 && facts.dialogs == 0)
                #expect(facts.exceptions == 0 && facts.complaints == [])
                #expect(facts.axe == [], "\(facts.axe.joined(separator: "\n"))")
                #expect(facts.video.currentTime > 0.3 && facts.video.readyState >= 2 && facts.video.width > 0)
                #expect(facts.widths == ["390": 390, "1280": 1280])
                #expect(facts.lightGround != facts.darkGround)
                #expect(facts.rows == harness.service.requests.count)
                #expect(Set(facts.focus).isSuperset(of: ["skip", "video", "only", "log"]))
                #expect(facts.hosts == ["127.0.0.1:\(harness.address.port)"])
                #expect(!facts.text.contains(harness.service.developerToken) && !facts.text.contains("key="))
                for name in ["390-light", "390-dark", "1280-light", "1280-dark"] {
                    let picture = try Data(contentsOf: folder.appending(path: "\(name).png"))
                    #expect(picture.count > 20_000, "\(name) is a blank picture")
                }
            }
        }
    }

    private struct Facts: Decodable {
        struct Video: Decodable {
            var currentTime: Double
            var readyState: Int
            var width: Int
        }

        var captions: [String]
        var elementsInCaptions: Int
        var scripts: Int
        var dialogs: Int
        var exceptions: Int
        var complaints: [String]
        var axe: [String]
        var video: Video
        var widths: [String: Int]
        var lightGround: String
        var darkGround: String
        var rows: Int
        var focus: [String]
        var hosts: [String]
        var text: String

        enum CodingKeys: String, CodingKey {
            case captions, scripts, dialogs, exceptions, complaints, axe, video, widths, rows, focus, hosts, text
            case elementsInCaptions = "elements in captions"
            case lightGround = "ground-light"
            case darkGround = "ground-dark"
        }
    }
}
