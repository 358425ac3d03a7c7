import ClipModel
import Foundation
import TestSupport
import Testing

@testable import BatchPage

/// Pages of clips that were never recorded.
struct BatchPageTests {
    private static let hostile =
        "</style><script>alert(1)</script><img src=x onerror='alert(2)'>\" onload=\"x\u{0}\u{202E}"

    private func page(_ clips: [BatchPage.Clip], timings: RunTimings? = nil) -> String {
        var page = BatchPage(
            pipeline: Self.hostile, server: nil, missing: [.init(path: Self.hostile, reason: "no file matches it")],
            timings: timings)
        let items = clips.map(BatchPage.Item.init)
        for item in items { page.count(item) }
        let text = page.beginning(marked: "mark") + Data(items.map(\.html).joined().utf8) + page.end()
        return String(decoding: text, as: UTF8.self)
    }

    private func failed(_ name: String, _ reason: String) -> BatchPage.Clip {
        var entry = BatchReport.Entry(clip: name, file: "../\(name).mp4", state: .failed)
        entry.reason = reason
        return BatchPage.Clip(entry, manifest: nil, problem: nil, picture: nil)
    }

    private func timings(_ name: String) -> RunTimings {
        RunTimings(
            began: Timestamp(seconds: 1_000), ended: Timestamp(seconds: 1_010), requests: 9, retries: 2,
            upload: .init(intervalSeconds: 1, bytes: [0, 4_000_000, 1_000_000]),
            clips: [
                .init(
                    clip: name,
                    stages: [
                        .init(stage: "measuring", from: 0, to: 1_500), .init(stage: name, from: .min, to: .max),
                    ])
            ])
    }

    @Test func `text from outside never becomes markup`() async throws {
        let text = page([failed(Self.hostile, Self.hostile)], timings: timings(Self.hostile))
        // A parser that knows nothing of clipship counts the elements.
        let program = """
            import html.parser, json, sys
            class Reader(html.parser.HTMLParser):
                found, handlers = [], []
                def handle_starttag(self, tag, attributes):
                    self.found.append(tag)
                    self.handlers += [name for name, _ in attributes if name.startswith("on") or name == "style"]
            reader = Reader()
            reader.feed(sys.stdin.read())
            print(json.dumps({"scripts": reader.found.count("script"), "images": reader.found.count("img"),
                              "styles": reader.found.count("style"), "handlers": reader.handlers}))
            """
        let result = try await run("/usr/bin/python3", ["-c", program], input: Data(text.utf8))
        try result.expectSuccess()
        let found = try JSONSerialization.jsonObject(with: result.output) as? NSDictionary
        #expect(found == ["scripts": 1, "images": 0, "styles": 1, "handlers": [String]()])
        #expect(!text.contains("\u{202E}") && !text.contains("\0"))
        #expect(text.contains("no file matches it"))
    }

    @Test func `the policy names the digests of the style and the script that are there`() async throws {
        let text = page([])
        for name in ["style", "script"] {
            let start = try #require(text.range(of: "<\(name)>")).upperBound
            let end = try #require(text.range(of: "</\(name)>")).lowerBound
            let digest = try await run(
                "/bin/sh", ["-c", "openssl dgst -sha256 -binary | base64"], input: Data(text[start..<end].utf8))
            try digest.expectSuccess()
            let value = digest.outputText.trimmingCharacters(in: .whitespacesAndNewlines)
            #expect(text.contains("\(name)-src &#39;sha256-\(value)&#39;"))
        }
    }

    @Test func `times are in the marked part only, and all else is the same with and without them`() throws {
        let clips = [failed("a", "It is empty."), failed("b", "It is cut.")]
        let text = page(clips, timings: timings("a"))
        let start = try #require(text.range(of: "<!-- times: begin -->")).lowerBound
        let end = try #require(text.range(of: "<!-- times: end -->\n")).upperBound
        #expect(text[..<start] + text[end...] == page(clips))
        #expect(text[start..<end].contains("1970-01-01T00:16:40Z") && text[start..<end].contains("4.0 MB/s"))
    }

    @Test(arguments: [
        ("thumbnails/a b.jpg", "./thumbnails/a%20b.jpg"), ("javascript:alert(1)", "./javascript%3Aalert%281%29"),
        ("//host/a", "/.//host/a"), ("/a/\"b\"?c#d", "/a/%22b%22%3Fc%23d"), ("ä", "./%C3%A4"), ("\u{1}", "./%01"),
    ])
    func `the address of a file has no scheme, no host and no query`(path: String, address: String) {
        #expect(HTML.address(ofFile: path) == address)
    }

    @Test func `numbers that can't be are shown as numbers`() {
        #expect(Figures.time(.infinity) == "0.00 s" && Figures.time(-1) == "0.00 s" && Figures.time(.nan) == "0.00 s")
        #expect(Figures.time(725) == "12 min 5 s" && Figures.time(27.033) == "27.03 s")
        #expect(Figures.time(11_040) == "3 h 4 min" && Figures.fixed(1.05, 1) == "1.1" && Figures.fixed(2, 0) == "2")
    }
}
