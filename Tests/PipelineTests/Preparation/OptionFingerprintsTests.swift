import ClipModel
import Testing

@testable import Pipeline

@Suite struct OptionFingerprintsTests {
    private let options = ClipOptions(
        clip: "a", scid: "s", file: "../a.mp4",
        request: InitialUploadRequest(dateRecorded: "", durationInSeconds: 0, fileSize: 0),
        thumbnails: ThumbnailRequest(), blockSize: 2_000_000, writesBlocks: false)

    private static let changes: [@Sendable (inout ClipOptions) -> Void] = [
        { $0.clip = "b" }, { $0.file = "../b.mp4" }, { $0.scid = "t" }, { $0.request.userCaption = "" },
        { $0.request.userCaption = "a" }, { $0.request.titleData = "" }, { $0.request.titleData = "a" },
        { $0.request.sessionRef = "r" }, { $0.thumbnails.offset = .milliseconds(1) }, { $0.blockSize = 1 },
        { $0.writesBlocks = true }, { ($0.clip, $0.file) = ("a2:", ".") },
        { $0.hashesVideo = true }, { $0.thumbnails.offset = .auto }, { $0.thumbnails.offset = .chapter("auto") },
        { $0.thumbnails.skipsBlank = true }, { $0.sheet = SheetRequest() }, { $0.sheet = SheetRequest(isSprite: true) },
        {
            $0.request.userCaption = "{media.title}"
            $0.caption = try? Template(parsing: "{media.title}")
        }, { $0.request.userCaption = "{media.title}" },
    ]

    @Test func `every change of an option changes the fingerprint`() {
        var fingerprints = OptionFingerprints()
        var seen = [fingerprints.fingerprint(of: options)]
        for change in Self.changes {
            var changed = options
            change(&changed)
            seen.append(fingerprints.fingerprint(of: changed))
        }
        #expect(Set(seen).count == seen.count)
        #expect(!seen.contains(nil))
    }

    @Test func `what was asked before does not matter`() {
        var used = OptionFingerprints()
        for change in Self.changes {
            var changed = options
            change(&changed)
            var fresh = OptionFingerprints()
            #expect(used.fingerprint(of: changed) == fresh.fingerprint(of: changed))
        }
    }
}
