import Foundation
import TestSupport
import Testing

@testable import LocalService

/// What the protocol says of several calls at once, for each of them.
@Suite(.serialized) struct CallTableTests {
    private func withScene(
        _ configure: (inout LocalService.Configuration) throws -> Void = { _ in },
        _ body: (Harness, Harness.Scene) async throws -> Void
    ) async throws {
        try await Harness.run {
            Harness.addStatistics(&$0)
            try configure(&$0)
        } _: { harness in
            try await body(harness, harness.scene())
        }
    }

    /// Of the calls that are not answered 200 when they are carried out.
    private static let statuses = [ProtocolCall.block: 201, .thumbnail: 400, .delete: 204]

    @Test func `every call does what it is for`() async throws {
        try await withScene { harness, scene in
            for call in ProtocolCall.allCases where call != .delete {
                expect(try await harness.call(call, scene), is: Self.statuses[call, default: 200])
            }
            expect(try await harness.call(.delete, scene), is: 204)
            expect(try await harness.call(.delete, scene), is: 404)
            expect(try await harness.call(.clip, scene), is: 404)
        }
    }

    @Test func `every call takes the token in either form, and without one or with a bad one is 401`() async throws {
        for form in ["Xauth=%", "XBL3.0 x=123;%"] {
            try await withScene { harness, scene in
                for call in ProtocolCall.allCases where call != .delete {
                    let token = harness.service.developerToken
                    let headers = { (token: String) in
                        ["-H", "Authorization: \(form.replacing("%", with: token))", "-H", "\(call.versionHeader): 1"]
                    }
                    let bad = try await harness.call(call, scene, headers: headers("bad"))
                    #expect(bad.status == 401, "\(call) \(form)")
                    let good = try await harness.call(call, scene, headers: headers(token))
                    #expect(good.status == Self.statuses[call, default: 200], "\(call) \(form)")
                }
            }
        }
        try await withScene { harness, scene in
            for call in ProtocolCall.allCases {
                // A download's URI has a key that stands for a token.
                let expected = call == .download ? 200 : 401
                let bare = try await harness.call(call, scene, headers: [])
                #expect(bare.status == expected, "\(call)")
            }
        }
    }

    @Test func `every call of a version that there is not is 406`() async throws {
        try await withScene { harness, scene in
            for call in ProtocolCall.allCases {
                let token = harness.service.developerToken
                let authorization = call.isXBL ? "XBL3.0 x=1;\(token)" : "Xauth=\(token)"
                let headers = ["-H", "Authorization: \(authorization)", "-H", "\(call.versionHeader): 99"]
                let answer = try await harness.call(call, scene, headers: headers)
                #expect(answer.status == 406, "\(call)")
            }
        }
    }

    @Test(arguments: [301, 307, 400, 401, 403, 404, 406, 408, 410, 429, 500, 502, 503, 504])
    func `every call gives each status of the tables when the fault plan says so`(status: Int) async throws {
        try await withScene { harness, scene in
            var rule = FaultPlan.Rule(nil, .answer(status: status, retryAfter: .seconds(3)))
            rule.times = ProtocolCall.allCases.count
            harness.service.setFaults(FaultPlan([rule]))
            for call in ProtocolCall.allCases {
                let answer = try await harness.call(call, scene)
                #expect(answer.status == status && answer.headers["retry-after"] == "3", "\(call)")
            }
            let plan = harness.service.requests.suffix(ProtocolCall.allCases.count)
            #expect(plan.map(\.route) == ProtocolCall.allCases.map(\.route))
            #expect(plan.allSatisfy { $0.status == status && !$0.stored && $0.fault != nil })
        }
    }

    @Test(arguments: [(500, 5_000), (502, 5_000), (503, 5_300), (403, 4_500), (404, 404)])
    func `a failure of the plan has the body, code and headers of the service that it is one of`(
        status: Int, code: Int
    ) async throws {
        try await withScene { harness, scene in
            harness.service.setFaults(FaultPlan([FaultPlan.Rule(nil, .answer(status: status))]))
            for call in ProtocolCall.allCases {
                let answer = try await harness.call(call, scene)
                let json = try answer.json
                switch call {
                case .block, .thumbnail, .download:
                    #expect(Set(json.keys) == ["errorSource", "errorResponseCode", "errorMessage"], "\(call)")
                    #expect(json["errorResponseCode"] as? Int == code, "\(call)")
                case .statistics, .cluster, .allocationStatus:
                    #expect(Set(json.keys) == ["code", "source", "description"], "\(call)")
                    #expect(json["code"] as? Int == code, "\(call)")
                default:
                    #expect(Set(json.keys) == ["errorCode", "errorMessage"], "\(call)")
                    #expect(json["errorCode"] as? Int == code, "\(call)")
                }
                let isCompute = call == .cluster || call == .allocationStatus
                #expect((answer.headers["x-xblcorrelationid"] != nil) == isCompute, "\(call)")
                #expect((answer.headers["x-requestedserviceversion"] != nil) == !isCompute, "\(call)")
            }
        }
    }

    @Test func `each service has the limit that was set for it, and answers 429 as the protocol has it`() async throws {
        for service in RateLimit.Service.allCases {
            try await withScene { harness, scene in
                var plan = FaultPlan()
                plan.rates = [service: RateLimit(burst: 1, sustain: 1)]
                harness.service.setFaults(plan)
                let calls: [RateLimit.Service: ProtocolCall] = [
                    .metadata: .clip, .transfer: .download, .statistics: .statistics, .compute: .allocationStatus,
                ]
                for (other, call) in calls where other != service {
                    for _ in 0..<2 { expect(try await harness.call(call, scene), is: 200) }
                }
                let call = try #require(calls[service])
                var answer = try await harness.call(call, scene)
                if answer.status == 200 { answer = try await harness.call(call, scene) }
                expect(answer, is: 429)
                let json = try answer.json
                #expect(json["version"] as? Int == 1 && json["limitType"] as? String == "rate")
                #expect(json["maxRequests"] as? Int == 1 && json["periodInSeconds"] as? Int == 300)
                #expect((json["currentRequests"] as? Int ?? 0) > 1)
                #expect(Int(answer.headers["retry-after"] ?? "") ?? 0 > 0)
                #expect((answer.headers["x-xblcorrelationid"] != nil) == (service == .compute))
                #expect((answer.headers["x-requestedserviceversion"] != nil) == (service != .compute))
            }
        }
    }

    @Test func `Accept, Accept-Encoding and Cache-Control are taken, and change no answer`() async throws {
        try await withScene { harness, scene in
            let more = [
                "-H", "Accept: application/json", "--compressed", "-H", "Cache-Control: no-cache",
            ]
            for call in ProtocolCall.allCases where !call.route.changes && call != .download {
                let (bare, full) = (
                    try await harness.call(call, scene), try await harness.call(call, scene, more: more)
                )
                #expect(full.status == bare.status && full.body == bare.body, "\(call)")
            }
            for call in ProtocolCall.allCases where call.route.changes && call != .thumbnail {
                let answer = try await harness.call(call, scene, more: more)
                #expect((200..<300).contains(answer.status), "\(call)")
            }
        }
    }

    @Test func `answers of GameClips have its headers, refusals too`() async throws {
        try await withScene { harness, scene in
            for call in ProtocolCall.allCases where !call.isXBL {
                for answer in [try await harness.call(call, scene), try await harness.call(call, scene, headers: [])] {
                    for name in ["x-requestedserviceversion", "cache-control", "accept", "vary"] {
                        #expect(answer.headers[name] != nil, "\(call) \(name)")
                    }
                    #expect(answer.body.isEmpty || answer.headers["content-type"] != nil, "\(call)")
                }
            }
        }
    }
}

/// What the other suites have no place for.
@Suite(.serialized) struct ReadingTests {
    @Test(arguments: ["xuid", "titleId"])
    func `reading needs the Xuid and the TitleId claim`(claim: String) async throws {
        try await withTemporaryFolder { folder in
            let tokens = [TokenFile.claims("all"), TokenFile.claims("less", [claim: NSNull()])]
            let file = try TokenFile.write(tokens, in: folder)
            try await Harness.run(in: folder, { $0.tokensFile = file }) { harness in
                let clip = try await harness.begin(Samples.request(fileSize: 10))
                for url in [harness.url(ofClip: clip.id), harness.clips] {
                    expect(try await harness.get(url), is: 200)
                    let answer = try await curl(Harness.headers(token: "less") + [url])
                    expect(answer, is: 403)
                    let message = try answer.json["errorMessage"] as? String ?? ""
                    #expect(message.lowercased().contains(claim.lowercased()))
                }
            }
        }
    }

    @Test func `eventId picks the clips of one greatest moment`() async throws {
        try await Harness.run { harness in
            let request = Samples.request(fileSize: 10)
            let clip = try await harness.begin(request.merging(["greatestMomentId": "boss 1"]) { $1 })
            _ = try await harness.begin(request.merging(["greatestMomentId": "boss 2"]) { $1 })
            _ = try await harness.begin(request)
            let list = try await harness.get(harness.clips + "?eventId=boss%201").json
            let clips = list["gameClips"] as? [[String: Any]] ?? []
            #expect(clips.map { $0["gameClipId"] as? String } == [clip.id])
            #expect(clips.first?["greatestMomentId"] as? String == "boss 1")
        }
    }
}
