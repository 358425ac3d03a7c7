import ClipModel
import Foundation
import TestSupport
import Testing

@testable import LocalService

@Suite(.serialized) struct PageTests {
    @Test func `the page, its style and its script come with a policy that allows nothing else`() async throws {
        try await Harness.run({ $0.page = true }) { harness in
            for (path, type) in [
                ("/", "text/html"), ("/_page/page.css", "text/css"), ("/_page/page.js", "text/javascript"),
            ] {
                let answer = try await curl([harness.address.baseURL + path])
                expect(answer, is: 200)
                #expect(answer.headers["content-type"]?.hasPrefix(type) ?? false)
                let policy = answer.headers["content-security-policy"] ?? ""
                #expect(policy.hasPrefix("default-src 'none'; script-src 'self'; style-src 'self'"))
                #expect(!policy.contains("unsafe") && !policy.contains("http"))
                #expect(answer.headers["x-content-type-options"] == "nosniff")
                #expect(answer.headers["cross-origin-resource-policy"] == "same-origin")
                #expect(!answer.text.contains("http://") && !answer.text.contains("https://"))
            }
            expect(try await curl(["-X", "POST", harness.address.baseURL + "/"]), is: 405)
            expect(try await curl([harness.address.baseURL + "/_page/other"]), is: 404)
        }
    }

    @Test func `a browser finds the icon of the page, and of whatever else it shows`() async throws {
        try await Harness.run({ $0.page = true }) { harness in
            let page = try await curl([harness.address.baseURL + "/"])
            #expect(page.text.contains(#"<link rel="icon" href="/_page/icon.svg""#))
            for path in ["/_page/icon.svg", "/favicon.ico"] {
                let answer = try await curl([harness.address.baseURL + path])
                expect(answer, is: 200)
                #expect(answer.headers["content-type"] == "image/svg+xml" && answer.text.hasPrefix("<svg "))
            }
            #expect(harness.service.requests.isEmpty, "it is not shown as a request")
        }
    }

    @Test func `there is no page unless it was asked for, nor for other machines or other sites`() async throws {
        try await Harness.run { harness in
            expect(try await curl([harness.address.baseURL + "/"]), is: 404)
        }
        try await Harness.run({ ($0.page, $0.host) = (true, "0.0.0.0") }) { harness in
            let local = "http://127.0.0.1:\(harness.address.port)"
            for path in ["/", "/_page/state"] { expect(try await curl([local + path]), is: 404) }
        }
        try await Harness.run({ $0.page = true }) { harness in
            let state = harness.address.baseURL + "/_page/state"
            expect(try await curl([state]), is: 200)
            for host in [
                "evil.example", "127.evil.example", "127.0.0.1.evil.example:80", "localhost.evil.example", "::1", "",
            ] {
                expect(try await curl(["-H", "Host: \(host)", state]), is: 403)
            }
            for host in ["localhost", "LocalHost:80", "127.0.0.1", "127.1.2.3:80", "[::1]", "[::1]:80"] {
                expect(try await curl(["-H", "Host: \(host)", state]), is: 200)
            }
            expect(try await curl(["-H", "Sec-Fetch-Site: cross-site", state]), is: 403)
            expect(try await curl(["-H", "Sec-Fetch-Site: same-origin", state]), is: 200)
            // Somebody follows a link to the page.
            let link = ["-H", "Sec-Fetch-Site: cross-site", "-H", "Sec-Fetch-Mode: navigate"]
            expect(try await curl(link + [harness.address.baseURL + "/"]), is: 200)
        }
    }

    @Test func `the state has clips, requests, faults and servers, and no token or key`() async throws {
        try await Harness.run {
            $0.page = true
            $0.faults = FaultPlan([FaultPlan.Rule([.list], .answer(status: 503))])
            $0.faults.rules[0].name = "busy"
        } _: { harness in
            let data = Samples.bytes(300)
            let clip = try await harness.upload(data, blockSize: 100, ["userCaption": "<b>&"])
            _ = try await harness.wait(for: "Published", of: clip.id)
            let pending = try await harness.begin(Samples.request(fileSize: 200, blocks: 2))
            let begun = try await curl([harness.address.baseURL + "/_page/state"]).json["clips"] as? [[String: Any]]
            #expect(begun?.first?["stored"] as? Int == 0)
            expect(try await harness.put(Samples.bytes(100), block: 1, of: pending), is: 202)
            expect(try await harness.get(harness.clips), is: 503)
            let answer = try await curl([harness.address.baseURL + "/_page/state"])
            let state = try answer.json
            let clips = state["clips"] as? [[String: Any]] ?? []
            #expect(clips.map { $0["state"] as? String } == ["PendingUpload", "Published"])
            #expect(clips.first?["stored"] as? Int == 1 && clips.first?["blocks"] as? Int == 2)
            #expect(clips.last?["caption"] as? String == "<b>&" && clips.last?["size"] as? Int == 300)
            let totals = state["totals"] as? [String: Int] ?? [:]
            #expect(totals["published"] == 1 && totals["underWay"] == 1 && totals["failed"] == 0)
            #expect(totals["faults"] == 1 && totals["servers"] == 0)
            let requests = state["requests"] as? [[String: Any]] ?? []
            #expect(requests.last?["fault"] as? String == "busy" && requests.last?["status"] as? Int == 503)
            #expect(requests.count == totals["requests"] && requests.count == harness.service.requests.count)
            let key = try harness.recordKey(of: clip.id)
            #expect(!answer.text.contains(key) && !answer.text.contains(harness.service.developerToken))
            #expect(!answer.text.contains("key="))
        }
    }

    @Test func `clips beyond a hundred are on pages, can be searched and come in an order`() async throws {
        try await Harness.run({ $0.page = true }) { harness in
            for number in 0..<103 {
                _ = try await harness.begin(
                    Samples.request(
                        fileSize: 100 + (number * 37) % 103, blocks: 1
                    ).merging(["userCaption": "Clip \(number) %_"]) { $1 })
            }
            func state(_ query: String) async throws -> (captions: [String], [String: Any]) {
                let answer = try await curl([harness.address.baseURL + "/_page/state" + query])
                expect(answer, is: 200)
                let state = try answer.json
                let clips = state["clips"] as? [[String: Any]] ?? []
                return (clips.compactMap { $0["caption"] as? String }, state)
            }
            let first = try await state("")
            #expect(first.captions.first == "Clip 102 %_" && first.captions.count == 100)
            #expect(first.1["found"] as? Int == 103 && first.1["pages"] as? Int == 2 && first.1["page"] as? Int == 0)
            let second = try await state("?page=1")
            #expect(second.captions == ["Clip 2 %_", "Clip 1 %_", "Clip 0 %_"])
            // One behind the last is the last.
            #expect(try await state("?page=7").captions == second.captions)
            #expect(try await state("?order=oldest").captions.first == "Clip 0 %_")
            let sizes = (try await state("?order=largest").1["clips"] as? [[String: Any]])?.compactMap {
                $0["size"] as? Int
            }
            #expect(sizes?.count == 100 && sizes == sizes?.sorted(by: >))
            #expect(try await state("?find=cLIP%20100").captions == ["Clip 100 %_"])
            // It is a text, no pattern.
            #expect(try await state("?find=%25_").1["found"] as? Int == 103)
            #expect(try await state("?find=%25%25").1["found"] as? Int == 0)
            #expect(try await state("?find='").1["found"] as? Int == 0)
            #expect(try await state("?find=PendingUpload&page=1").captions.count == 3)
        }
    }

    @Test func `the page's own clips and pictures count as no view and pass no fault`() async throws {
        try await Harness.run({ ($0.page, $0.faults) = (true, FaultPlan([.init([.download], .answer(status: 500))])) })
        {
            harness in
            let data = Samples.bytes(300)
            let clip = try await harness.upload(data, blockSize: 300)
            let base = "\(harness.address.baseURL)/_page/clips/\(clip.id)"
            _ = try await harness.wait(for: "Published", of: clip.id)
            #expect(try await curl([base + "/video"]).body == data)
            let part = try await curl(["-H", "Range: bytes=10-", base + "/video"])
            #expect(part.status == 206 && part.body == data.dropFirst(10))
            expect(try await curl([base + "/thumbnail"]), is: 200)
            #expect(try await harness.clip(clip.id)["views"] as? Int == 0)
            #expect(harness.service.requests(RequestQuery(route: .download)).isEmpty)
            let pending = try await harness.begin(Samples.request(fileSize: 200))
            for id in [pending.id, "..", "abc"] {
                let url = "\(harness.address.baseURL)/_page/clips/\(id)/video"
                #expect(try await curl(["--path-as-is", url]).status >= 400)
            }
        }
    }
}
