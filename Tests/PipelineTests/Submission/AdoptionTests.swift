import ClipModel
import Foundation
import SystemIO
import Testing

@testable import Pipeline

/// What the service says of a clip that carries a marker, compared with the clip's manifest.
@Suite struct AdoptionTests {
    private static let scid = "00000000-0000-0012-0023-000000000070"

    private static func manifest() throws -> Manifest {
        let digest = try SHA256Hasher.digest(of: Data([1]).bytes)
        let picture = Manifest.Picture(path: "a.jpg", dimensions: .largeThumbnail, size: 1, sha256: digest)
        let request = InitialUploadRequest(
            dateRecorded: "2026-01-31T20:15:00.0000000Z", durationInSeconds: 27, fileSize: 7_000_000)
        return Manifest(
            clip: "a", scid: scid, file: .init(path: "a.mp4", size: 7_000_000, sha256: digest),
            request: WithUnknownFields(request), blocks: .init(size: 2_000_000, sha256: []),
            thumbnails: .init(requestedMilliseconds: 0, frameMilliseconds: 0, large: picture, small: picture),
            media: try JSONDecoder().decode(
                MediaFacts.self,
                from: Data(
                    """
                    {"container": "mp4", "durationSeconds": 27, "video": {"codec": "h264",
                    "width": 2, "height": 2, "frameRate": "30/1", "sampleAspectRatio": "1/1", "rotation": 0, "mirrored": false}}
                    """.utf8)),
            warnings: [])
    }

    private func remote(_ members: String) throws -> ClipSubmission.RemoteClip {
        let text = #"{"gameClipId": "id", "state": "Published", \#(members)}"#
        let clip = try JSONDecoder().decode(WithUnknownFields<GameClip>.self, from: Data(text.utf8))
        return try #require(
            try ClipSubmission.RemoteClip(clip, now: Timestamp(seconds: 0), manifest: Self.manifest()))
    }

    @Test(arguments: [
        #""scid": "00000000-0000-0012-0023-000000000071""#,
        #""durationInSeconds": 30"#,
        #""gameClipUris": [{"uri": "https://x/", "fileSize": 6999999, "uriType": "Download"}]"#,
        #""gameClipUris": [{"uri": "https://x/", "fileSize": 7000001, "uriType": "Original"}]"#,
    ])
    func `another service configuration, duration or size is another clip`(members: String) throws {
        #expect(try remote(members).contradiction != nil)
    }

    @Test(arguments: [
        #""scid": "00000000-0000-0012-0023-000000000070", "durationInSeconds": 28"#,
        #""gameClipUris": [{"uri": "https://x/", "fileSize": 6999999, "uriType": "Ahls"}]"#,
        #""gameClipUris": [{"uri": "https://x/", "fileSize": 7000000, "uriType": "Download"}]"#,
        #""dateRecorded": "2026-01-31T20:15:00Z", "durationInSeconds": 0"#,
        #""xuid": "1""#,
    ])
    func `what is rounded, converted or not told contradicts nothing`(members: String) throws {
        let clip = try remote(members)
        #expect(clip.contradiction == nil && clip.otherDate == nil)
    }

    @Test func `another date is told`() throws {
        let clip = try remote(#""dateRecorded": "2026-01-31T21:15:00+00:00""#)
        #expect(clip.contradiction == nil && clip.otherDate == Timestamp(parsing: "2026-01-31T21:15:00Z")?.description)
    }
}
