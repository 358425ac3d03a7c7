import ClipModel
import Foundation
import TestSupport
import Testing

/// The reference's own examples, through our types and back.
@Suite(.enabled(if: Places.protocolSamples != nil, "the reference's samples are not there"))
struct ReferenceSamplesTests {
    private func sample(_ name: String) throws -> String {
        let folder = try #require(Places.protocolSamples)
        return try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }

    /// Decodes and encodes, and compares as plain JSON, so that a member that got lost shows.
    private func roundTrip<Named: KnownFields>(_ text: String, as type: Named.Type) throws -> WithUnknownFields<Named> {
        let value = try JSONDecoder().decode(WithUnknownFields<Named>.self, from: Data(text.utf8))
        let written = try CanonicalJSON.line(value)
        let before = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
        #expect(try JSONDecoder().decode(JSONValue.self, from: written) == before)
        return value
    }

    @Test func `the initial upload request`() throws {
        let request = try roundTrip(sample("initial-upload-request.json"), as: InitialUploadRequest.self)
        #expect(request.others.isEmpty)
        #expect(request.type == GameClipTypes([.magicMoment, .achievement]))
        #expect(request.thumbnailSource == .offset)
        #expect(request.thumbnailOffsetMillseconds == 20_000)
        #expect(request.expectedBlocks == 7)
        #expect(request.systemProperties == #"{ 'Id': '123456', 'Location': 'C:\videos\123456.mp4' }"#)
    }

    @Test func `the initial upload response`() throws {
        let response = try roundTrip(sample("initial-upload-response.json"), as: InitialUploadResponse.self)
        #expect(response.others.isEmpty)
        #expect(response.gameClipId == "6b364924-5650-480f-86a7-fc002a1ee752")
        #expect(response.largeThumbnailUri?.hasSuffix("/thumbnails/large") == true)
    }

    @Test func `a clip`() throws {
        let clip = try roundTrip(sample("get-clip-response.json"), as: GameClipAnswer.self).gameClip
        #expect(clip.others.isEmpty)
        #expect(clip.state == .published)
        #expect(clip.xuid == "2716903703773872")
        #expect(clip.thumbnails?.map(\.thumbnailType) == [.large, .small])
        #expect(clip.gameClipUris?.first?.expiration == "9999-12-31T23:59:59.9999999")
        #expect(Timestamp(parsing: clip.dateRecorded ?? "")?.ticks == 4_201_279)
    }

    @Test func `members and enumerators that nobody listed survive`() throws {
        let text = try sample("get-clip-response.json")
            .replacing(
                #""state": "Published""#,
                with: #""state": "Reticulating", "shareCount": 3, "extra": {"a": [1]}"#
            )
            .replacing(#""uriType": "Download""#, with: #""uriType": "Hologram", "bitrate": 7.5"#)
        let clip = try roundTrip(text, as: GameClipAnswer.self).gameClip
        #expect(clip.state == GameClipState(rawValue: "Reticulating"))
        #expect(clip.others["shareCount"] == 3)
        #expect(clip.gameClipUris?.first?.uriType == GameClipUriType(rawValue: "Hologram"))
    }

    @Test func `the request for statistics`() throws {
        let request = try roundTrip(sample("stats-batch-request.json"), as: StatisticsRequest.self)
        #expect(request.requestedusers == [1_234_567_890_123_460, 1_234_567_890_123_234])
        #expect(request.requestedscids.map(\.requestedstats.count) == [2, 2])
    }

    @Test func `the statistics, once they are valid JSON`() throws {
        let printed = try sample("stats-batch-response.as-printed.txt")
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(WithUnknownFields<StatisticsResponse>.self, from: Data(printed.utf8))
        }
        let mended = printed.replacing(#/(\d|")(\s*\n\s*")/#) { "\($0.1),\($0.2)" }
            .replacing(#/,(\s*[}\]])/#) { "\($0.1)" }
        let users = try roundTrip(mended, as: StatisticsResponse.self).users
        #expect(users.map(\.xuid.text) == ["123456789", "1234567890123234"])
        #expect(users[1].scids[1].stats[0].value == 375)
    }

    @Test func `the request for a server`() throws {
        let request = try roundTrip(sample("clusters-request.json"), as: ClusterRequest.self)
        #expect(request.abortIfQueued.bool == true)
    }
}
