import ClipModel
import Foundation
import TestSupport
import Testing

@testable import LocalService

@Suite(.serialized) struct ControlTests {
    private func post(_ path: String, _ body: String, _ harness: Harness, type: String = "application/json")
        async throws -> Answer
    {
        try await curl(
            ["-H", "Content-Type: \(type)", "--data-binary", body, "\(harness.address.baseURL)/_control/\(path)"])
    }

    private func requests(_ query: String, _ harness: Harness) async throws -> [[String: Any]] {
        let answer = try await curl(["\(harness.address.baseURL)/_control/requests?\(query)"])
        expect(answer, is: 200)
        return try answer.json["requests"] as? [[String: Any]] ?? []
    }

    @Test func `there is nothing to control unless it was asked for, and only on a loopback address`() async throws {
        try await Harness.run { harness in
            for path in ["clock", "requests", "faults"] {
                expect(try await curl(["\(harness.address.baseURL)/_control/\(path)"]), is: 404)
            }
        }
        try await withTemporaryFolder { folder in
            var configuration = LocalService.Configuration(dataFolder: folder.path)
            (configuration.control, configuration.host) = (true, "0.0.0.0")
            let service = try LocalService(configuration)
            let error = #expect(throws: LocalServiceError.self) { try service.start() }
            #expect(error?.description.contains("0.0.0.0") ?? false)
        }
    }

    @Test func `the clock is moved, and what is due happens on the way`() async throws {
        try await Harness.run {
            $0.control = true
            $0.clock = MovableClock(standingAt: Timestamp(seconds: 1_700_000_000))
            $0.delays = .init(each: .seconds(10))
        } _: { harness in
            let clip = try await harness.upload(Samples.bytes(100), blockSize: 100)
            let answer = try await post("clock", #"{"advance": "40s"}"#, harness)
            #expect(answer.status == 200 && answer.text == #"{"now":"2023-11-14T22:14:00Z"}"#)
            #expect(try await harness.clip(clip.id)["state"] as? String == "Published")
            for body in [#"{"advance": "40"}"#, #"{"advance": 40}"#, "{}", "", #"{"advance": "1s", "x": "y"}"#] {
                expect(try await post("clock", body, harness), is: 400)
            }
        }
    }

    @Test func `the request log answers by route, clip, block, status and fault`() async throws {
        try await Harness.run {
            $0.control = true
            $0.faults = FaultPlan([FaultPlan.Rule([.block], .answer(status: 503, retryAfter: .seconds(5)))])
            ($0.faults.rules[0].name, $0.faults.rules[0].selection) = ("busy", .nth([1]))
        } _: { harness in
            let data = Samples.bytes(10)
            let clip = try await harness.begin(Samples.request(fileSize: 20, blocks: 2))
            for (block, status) in [(0, 503), (0, 202), (1, 201)] {
                expect(try await harness.put(data, block: block, of: clip), is: status)
            }
            let first = try #require(await requests("route=block&clip=\(clip.id)&block=0", harness).first)
            #expect(first["status"] as? Int == 503 && first["retryAfter"] as? String == "5")
            #expect(first["fault"] as? String == "busy" && first["stored"] as? Bool == false)
            #expect(try await requests("faulty=true", harness).count == 1)
            #expect(try await requests("fault=busy&status=503", harness).count == 1)
            #expect(try await requests("route=block&stored=true", harness).map { $0["block"] as? Int } == [0, 1])
            #expect(try await requests("clip=\(clip.id)", harness).first?["route"] as? String == "initialUpload")
            #expect(try await requests("after=3", harness).map { $0["number"] as? Int } == [4])
            #expect(try await requests("method=GET", harness).isEmpty)
            for query in ["route=blocks", "blok=1", "block=x"] {
                expect(try await curl(["\(harness.address.baseURL)/_control/requests?\(query)"]), is: 400)
            }
        }
    }

    @Test func `the log's file has each request as a line, and no secret`() async throws {
        try await Harness.run { harness in
            let clip = try await harness.upload(Samples.bytes(10), blockSize: 10)
            let published = try await harness.wait(for: "Published", of: clip.id)
            let token = harness.service.developerToken
            expect(try await harness.download(published), is: 200)
            expect(try await harness.get("\(harness.address.baseURL)/users/me/scids/\(token)/clips"), is: 200)
            let file = harness.folder.appending(path: "data/requests.jsonl")
            let count = harness.service.requests.count
            let lines = try await eventually { () -> [Substring]? in
                let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
                return lines.count == count ? lines : nil
            }
            let requests = try lines.map { try JSONDecoder().decode(LoggedRequest.self, from: Data($0.utf8)) }
            #expect(requests.sorted { $0.number < $1.number } == harness.service.requests)
            #expect(requests.last?.path == "/users/me/scids/***/clips")
            let text = lines.joined()
            #expect(!text.contains(token) && !text.contains("key="))
            let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
    }

    @Test func `the plan is replaced, its use is counted, and mistakes leave the old one in force`() async throws {
        try await Harness.run({ $0.control = true }) { harness in
            let plan = "rules:\n  - {name: down, calls: list, status: 503, times: 1}\n"
            expect(try await post("faults", plan, harness, type: "application/yaml"), is: 200)
            let mistake = try await post("faults", "rules:\n  - {calls: lists, status: 503}", harness)
            expect(mistake, is: 400)
            let message = try mistake.json["errorMessage"] as? String ?? ""
            #expect(message.contains("plan:2:13:"))
            expect(try await harness.get(harness.clips), is: 503)
            expect(try await harness.get(harness.clips), is: 200)
            let counts = try await curl(["\(harness.address.baseURL)/_control/faults"])
            #expect(counts.text == #"{"rules":[{"applied":1,"calls":2,"name":"down"}]}"#)
        }
    }

    @Test func `the log keeps the beginning of what a caller sends, not all of it`() async throws {
        try await Harness.run { harness in
            let long = String(repeating: "e%CC%81", count: 1_100)
            for path in ["/\(long)", "/users/me/scids/\(Harness.scid)/clips/\(long)"] {
                expect(try await harness.get(harness.address.baseURL + path), is: 404)
            }
            #expect(harness.service.requests.map(\.path.unicodeScalars.count) == [1_000, 1_000])
            #expect(harness.service.requests.last?.clip?.unicodeScalars.count == 100)
        }
    }

    @Test(arguments: ["Flagged", "Banned", "PendingDelete", "None"])
    func `a state that no clip gets into by itself is set from outside, shown, and kept`(state: String) async throws {
        try await Harness.run({ $0.control = true }) { harness in
            let published = try await harness.upload(Samples.bytes(100), blockSize: 100)
            let before = try await harness.wait(for: "Published", of: published.id)
            let pending = try await harness.begin(Samples.request(fileSize: 20, blocks: 2))
            expect(try await harness.put(Samples.bytes(10), block: 0, of: pending), is: 202)
            for clip in [published, pending] {
                let answer = try await post("clips", #"{"id": "\#(clip.id)", "state": "\#(state)"}"#, harness)
                #expect(answer.status == 200 && answer.text == #"{"id":"\#(clip.id)","state":"\#(state)"}"#)
                let shown = try await harness.clip(clip.id)
                #expect(shown["state"] as? String == state)
                #expect((shown["gameClipUris"] as? [Any])?.isEmpty == true)
            }
            expect(try await harness.download(before), is: 404)
            expect(try await harness.put(Samples.bytes(10), block: 1, of: pending), is: 410)
            expect(try await curl(harness.headers + ["-X", "DELETE", harness.url(ofClip: pending.id)]), is: 204)
            expect(try await post("clips", #"{"id": "\#(pending.id)", "state": "\#(state)"}"#, harness), is: 404)
        }
    }

    @Test(arguments: [
        "{}", #"{"id": "a"}"#, #"{"state": "Flagged"}"#, #"{"id": "a", "state": "Published"}"#,
        #"{"id": "a", "state": "Flagged", "more": 1}"#, #"{"id": "a", "state": "flagged"}"#,
    ])
    func `what says no clip or no such state is 400`(body: String) async throws {
        try await Harness.run({ $0.control = true }) { harness in
            expect(try await post("clips", body, harness), is: 400)
            expect(try await curl(["\(harness.address.baseURL)/_control/clips"]), is: 405)
        }
    }

    @Test func `a page in a browser can't control the service`() async throws {
        try await Harness.run({ $0.control = true }) { harness in
            expect(try await post("clock", #"{"advance": "1s"}"#, harness, type: "text/plain"), is: 415)
            let rebound = try await curl(["-H", "Host: evil.example", "\(harness.address.baseURL)/_control/requests"])
            expect(rebound, is: 403)
        }
    }
}
