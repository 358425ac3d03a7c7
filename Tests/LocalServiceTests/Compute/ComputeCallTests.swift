import ClipModel
import Foundation
import TestSupport
import Testing

@testable import LocalService

@Suite(.serialized) struct ComputeCallTests {
    private static let session = "/serviceconfigs/\(Harness.scid)/sessiontemplates/quick/session/scott1"

    private func ask(
        _ harness: Harness, _ session: String = session, abort: Any = "false", title: String = "77",
        token: String? = nil
    ) async throws -> Answer {
        let body: [String: Any] = ["sessionId": session, "abortIfQueued": abort]
        return try await harness.post("/titles/\(title)/clusters", body, token: token)
    }

    private func status(
        _ harness: Harness, _ session: String = session, title: String = "77", token: String? = nil
    ) async throws -> Answer {
        let encoded = session.replacing("/", with: "%2F")
        return try await curl(
            Harness.xblHeaders(token: token ?? harness.service.developerToken)
                + ["\(harness.address.baseURL)/titles/\(title)/sessions/\(encoded)/allocationStatus"])
    }

    @Test func `a request is fulfilled at once, and its status says where the instance is`() async throws {
        try await Harness.run { harness in
            let answer = try await ask(harness)
            expect(answer, is: 200)
            #expect(answer.text == #"{"fulfillmentState":"Fulfilled","pollIntervalMilliseconds":"1000"}"#)
            let status = try await status(harness)
            expect(status, is: 200)
            let json = try status.json
            #expect(json["status"] as? String == "Fulfilled" && json["sessionId"] as? String == Self.session)
            #expect(json["hostName"] as? String == "127.0.0.1" && json["region"] as? String == "Local")
            #expect(json["ticketId"] as? String == Self.session && json["clusterId"] as? String == "")
            #expect(json["description"] as? String == "" && json["secureContext"] as? String != "")
            #expect(json["gameHostId"] as? String == json["sessionHostId"] as? String)
            let port = try #require((json["portMappings"] as? [[String: Any]])?.first)
            #expect(port["Key"] as? String == "GameUDP")
            let ports = port["Value"] as? [String: Int]
            #expect(ports?["internal"] == 10_100 && ports?["external"] != nil)
        }
    }

    @Test func `answers carry the headers of game server management`() async throws {
        try await Harness.run { harness in
            for answer in [try await ask(harness), try await status(harness), try await status(harness, "other")] {
                let names = [
                    "cache-control", "content-type", "content-length", "x-content-type-options", "x-xblcorrelationid",
                    "date",
                ]
                for name in names { #expect(answer.headers[name] != nil, "\(name)") }
            }
            let (one, other) = (try await ask(harness), try await ask(harness))
            #expect(one.headers["x-xblcorrelationid"] != other.headers["x-xblcorrelationid"])
        }
    }

    @Test func `the session stands in the path percent-encoded, or written out`() async throws {
        try await Harness.run { harness in
            expect(try await ask(harness), is: 200)
            for path in [Self.session, String(Self.session.dropFirst()), Self.session.uppercased()] {
                let url = "\(harness.address.baseURL)/titles/77/sessions/\(path)/allocationStatus"
                expect(try await curl(harness.xblHeaders + [url]), is: 200)
            }
            expect(try await status(harness, Self.session.replacing("scott1", with: "scott2")), is: 404)
        }
    }

    @Test func `when nothing is free a request waits, or is aborted if it says so`() async throws {
        let clock = MovableClock(standingAt: Timestamp(seconds: 1_700_000_000))
        try await Harness.run {
            $0.clock = clock
            ($0.servers.capacity, $0.servers.queueTime, $0.servers.pollInterval) = (1, .seconds(60), .milliseconds(250))
        } _: { harness in
            expect(try await ask(harness, Self.session + "a"), is: 200)
            let queued = try await ask(harness)
            #expect(queued.text == #"{"fulfillmentState":"Queued","pollIntervalMilliseconds":"250"}"#)
            for abort in [true as Any, "true", "True"] {
                let answer = try await ask(harness, Self.session + "b", abort: abort)
                #expect(try answer.json["fulfillmentState"] as? String == "Aborted")
            }
            #expect(try await status(harness, Self.session + "b").json["status"] as? String == "Aborted")
            let waiting = try await status(harness).json
            #expect(waiting["status"] as? String == "Queued" && waiting["hostName"] as? String == "")
            #expect((waiting["portMappings"] as? [Any])?.isEmpty ?? false)
            await clock.advance(by: .seconds(60))
            #expect(try await status(harness).json["status"] as? String == "Fulfilled")
        }
    }

    @Test func `a second POST is a second allocation, and shows in the records and in the log`() async throws {
        try await withTemporaryFolder { folder in
            try await Harness.run(in: folder, { $0.control = true }) { harness in
                for _ in 0..<2 { expect(try await ask(harness), is: 200) }
                let list = try await curl(["\(harness.address.baseURL)/_control/servers"]).json
                #expect(list["running"] as? Int == 2)
                #expect(
                    (list["allocations"] as? [[String: Any]])?.map { $0["sessionId"] as? String }
                        == [Self.session, Self.session])
                let query =
                    "\(harness.address.baseURL)/_control/requests?route=cluster&stored=true&session=\(Self.session)"
                #expect((try await curl([query]).json["requests"] as? [Any])?.count == 2)
                let rows = try await run(
                    "sqlite3",
                    [harness.folder.appending(path: "data/service.db").path, "SELECT count(*) FROM allocations"])
                #expect(rows.outputText == "2\n")
            }
            try await Harness.run(in: folder) { harness in
                let kept = try await status(harness).json
                #expect(kept["status"] as? String == "Fulfilled")
            }
        }
    }

    @Test func `control: capacity, the end of an instance, the end of waiting`() async throws {
        try await Harness.run {
            ($0.control, $0.servers.capacity) = (true, 0)
        } _: { harness in
            func control(_ body: [String: Any]) async throws -> Int {
                try await curl(
                    ["-H", "Content-Type: application/json", "--data-binary", "@-"]
                        + ["\(harness.address.baseURL)/_control/servers"],
                    input: JSONSerialization.data(withJSONObject: body)
                ).status
            }
            expect(try await ask(harness), is: 200)
            #expect(try await control(["capacity": 1]) == 200)
            #expect(try await status(harness).json["status"] as? String == "Fulfilled")
            #expect(try await control(["release": Self.session]) == 200)
            expect(try await status(harness), is: 404)
            #expect(try await control(["release": Self.session]) == 404)
            #expect(try await control(["capacity": 0]) == 200)
            expect(try await ask(harness), is: 200)
            #expect(try await control(["abort": Self.session]) == 200)
            #expect(try await status(harness).json["status"] as? String == "Aborted")
            for body in [[:], ["capacity": -1], ["capacity": 1, "abort": "a"], ["size": 1]] as [[String: Any]] {
                #expect(try await control(body) == 400)
            }
        }
    }

    @Test func `no such title or session is 404`() async throws {
        try await Harness.run { harness in
            expect(try await status(harness), is: 404)
            expect(try await ask(harness), is: 200)
            expect(try await status(harness, title: "78"), is: 404)
            expect(try await status(harness, title: "x"), is: 404)
            expect(try await ask(harness, title: "x"), is: 404)
            let url = "\(harness.address.baseURL)/titles/77/sessions/allocationStatus"
            expect(try await curl(harness.xblHeaders + [url]), is: 404)
        }
    }

    @Test func `no token or a bad one is 401, a title that is not the caller's 403`() async throws {
        try await withTemporaryFolder { folder in
            let file = try TokenFile.write([TokenFile.claims("a", ["serverTitles": [77, "78"]])], in: folder)
            try await Harness.run(in: folder, { $0.tokensFile = file }) { harness in
                for title in ["77", "78"] { expect(try await ask(harness, title: title), is: 200) }
                expect(try await ask(harness, title: "79"), is: 403)
                expect(try await status(harness, title: "79"), is: 403)
                expect(try await ask(harness, token: "b"), is: 401)
                expect(try await status(harness, token: "b"), is: 401)
                let path = "\(harness.address.baseURL)/titles/77/clusters"
                expect(try await curl(["-X", "POST", path]), is: 401)
                expect(try await curl(["-H", "Authorization: Xauth=b", "-X", "POST", path]), is: 401)
            }
        }
    }

    @Test func `a session may be a plain GUID`() async throws {
        try await Harness.run { harness in
            let session = "9a6e2f0c-1d3b-4c5a-8e7f-0123456789ab"
            let headers = harness.xblHeaders + ["-H", "Content-Type: application/json"]
            let base = "\(harness.address.baseURL)/titles/77"
            expect(try await curl(headers + ["-d", #"{"sessionId": "\#(session)"}"#, "\(base)/clusters"]), is: 200)
            let status = try await curl(headers + ["\(base)/sessions/\(session.uppercased())/allocationStatus"])
            expect(status, is: 200)
            #expect(try status.json["sessionId"] as? String == session)
        }
    }

    @Test func `the headers that are required are missed`() async throws {
        try await Harness.run { harness in
            let url = "\(harness.address.baseURL)/titles/77/clusters"
            let authorization = ["-H", "Authorization: XBL3.0 x=1;\(harness.service.developerToken)"]
            let body = ["--data-binary", #"{"sessionId": "\#(Self.session)", "abortIfQueued": "false"}"#]
            let (json, version) = (["-H", "Content-Type: application/json"], ["-H", "x-xbl-contract-version: 1"])
            let all = authorization + json + version + body + [url]
            expect(try await curl(all), is: 200)
            expect(try await curl(authorization + json + body + [url]), is: 400)
            let later = ["-H", "x-xbl-contract-version: 2"]
            expect(try await curl(authorization + json + later + body + [url]), is: 406)
            expect(try await curl(["-H", "User-Agent;"] + all), is: 200)
            expect(try await curl(["-H", "User-Agent:"] + all), is: 400)
            expect(try await curl(["-H", "Transfer-Encoding: chunked"] + all), is: 411)
            expect(try await curl(authorization + version + body + [url]), is: 400)
            expect(try await curl(["-H", "Content-Type:"] + authorization + version + body + [url]), is: 400)
        }
    }

    @Test(arguments: [
        "", "{}", #"{"sessionId": "abc"}"#, #"{"sessionId": "\#(session)", "abortIfQueued": "maybe"}"#,
        #"{"sessionId": "\#(session)", "abortIfQueued": 1}"#, #"{"sessionId": "\#(session)/more"}"#,
        #"{"sessionId": 7, "abortIfQueued": "true"}"#, #"{"sessionId": "\#(session)\u001b[2J"}"#,
    ])
    func `a body that makes no sense is 400 with code 4000`(body: String) async throws {
        try await Harness.run { harness in
            let answer = try await curl(
                harness.xblHeaders + ["-H", "Content-Type: application/json", "--data-binary", "@-"]
                    + ["\(harness.address.baseURL)/titles/77/clusters"], input: Data(body.utf8))
            expect(answer, is: 400)
            let error = try answer.json
            #expect(error["code"] as? Int == 4000 && error["source"] as? String == "GSMS")
        }
    }
}
