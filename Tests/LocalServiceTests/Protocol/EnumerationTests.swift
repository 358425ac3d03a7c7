import Foundation
import TestSupport
import Testing

@testable import LocalService

/// The enumerations of the protocol, value by value.
@Suite(.serialized) struct EnumerationTests {
    private func taken(_ member: String, _ values: [String], except refused: [String], _ harness: Harness) async throws
    {
        for (value, status) in values.map({ ($0, 200) }) + refused.map({ ($0, 400) }) {
            let change = [member: value].merging(value == "Offset" ? ["thumbnailOffsetMillseconds": 5] : [:]) {
                (first: Any, _) in first
            }
            let answer = try await harness.initialUpload(Samples.request(fileSize: 10).merging(change) { $1 })
            #expect(answer.status == status, "\(member) \(value)")
            guard answer.status == 200, member != "thumbnailSource" else { continue }
            let clip = try await harness.clip(answer.json["gameClipId"] as? String ?? "")
            #expect(clip[member] as? String == value)
        }
    }

    @Test func `every type, source, visibility and thumbnailSource is taken, and None is not`() async throws {
        try await Harness.run { harness in
            let types = ["MetadataOnly", "DeveloperInitiated", "MagicMoment", "Achievement", "UserGenerated"]
            try await taken("type", types, except: ["None", "Other", "MagicMoment, None"], harness)
            let sources = ["Console", "TitleDirect", "Intermediate", "UserInitiated"]
            try await taken("source", sources, except: ["None", "Other"], harness)
            try await taken("visibility", ["Default", "Owner", "Title", "Public"], except: ["None", "Other"], harness)
            try await taken("thumbnailSource", ["Default", "Offset", "Upload"], except: ["None"], harness)
        }
    }

    @Test func `a clip goes through every state that is under way, and shows each`() async throws {
        let clock = MovableClock(standingAt: .init(seconds: 1_700_000_000))
        try await Harness.run {
            ($0.clock, $0.delays) = (clock, .init(each: .seconds(10)))
        } _: { harness in
            let clip = try await harness.begin(Samples.request(fileSize: 10))
            var seen = [try await harness.clip(clip.id)["state"] as? String]
            expect(try await harness.put(Samples.bytes(10), block: 0, of: clip), is: 201)
            for _ in 0..<5 {
                seen.append(try await harness.clip(clip.id)["state"] as? String)
                await clock.advance(by: .seconds(10))
            }
            #expect(seen == ["PendingUpload", "Uploaded", "Processing", "Processed", "Publishing", "Published"])
        }
    }
}
