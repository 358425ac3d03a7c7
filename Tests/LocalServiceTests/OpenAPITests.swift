import Foundation
import TestSupport
import Testing

@testable import LocalService

@Suite(.serialized) struct OpenAPITests {
    private let description = Places.root.appending(path: "docs/openapi.yaml")

    /// Compares a service's answers with a description.
    private func check(_ description: URL, in folder: URL) async throws -> ProgramResult {
        let clip = folder.appending(path: "clip.mp4")
        try Samples.bytes(3_000_000).write(to: clip)
        _ = try await Samples.jpeg(width: 856, height: 424, in: folder)
        _ = try await Samples.jpeg(width: 424, height: 208, in: folder)
        return try await Harness.run(in: folder) {
            $0.control = true
            let user = StatisticsTable.Scid(scid: Harness.scid, statistics: [.init("Wins", .integer(12))])
            $0.statistics.users = [.init(xuid: 2_716_903_703_773_872, gamertag: "LanternFox", scids: [user])]
        } _: { harness in
            try await run(
                "/usr/bin/python3",
                [
                    "-W", "ignore", Places.root.appending(path: "Tests/Programs/check-openapi.py").path,
                    description.path, harness.address.baseURL, harness.service.developerToken, clip.path,
                    folder.appending(path: "856x424.jpg").path, folder.appending(path: "424x208.jpg").path, "77",
                    "2716903703773872", Harness.scid, "Wins",
                ])
        }
    }

    @Test func `every answer is one that docs/openapi.yaml describes, and every operation is asked for`() async throws {
        try await withTemporaryFolder { folder in
            let result = try await check(description, in: folder)
            try result.expectSuccess()
            let seen = Set(result.outputText.split(separator: "\n"))
            #expect(
                seen.isSuperset(of: ["getClipBytes 206", "getClip 404", "requestServer 200", "readStatistics 200"]))
        }
    }

    @Test(arguments: [
        (
            "gameClipId: {$ref: \"#/components/schemas/Id\"}\n        state",
            "gameClipId: {type: integer}\n        state"
        ),
        ("fulfillmentState: {$ref: \"#/components/schemas/FulfillmentState\"}", ""),
    ])
    func `a description that is wrong is found out`(text: String, wrong: String) async throws {
        try await withTemporaryFolder { folder in
            let right = try String(contentsOf: description, encoding: .utf8)
            try #require(right.contains(text))
            let copy = folder.appending(path: "wrong.yaml")
            try Data(right.replacing(text, with: wrong).utf8).write(to: copy)
            let result = try await check(copy, in: folder)
            #expect(result.status == 1 && result.errorText.contains("AssertionError"), "\(result.errorText)")
        }
    }
}
