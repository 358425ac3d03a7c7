import ClipModel
import Foundation
import TestSupport
import Support
import Testing

@testable import MediaWorker

/// What is believed of a worker, and what is not.
@Suite struct MessageTests {
    @Test func `a frame's header survives the way there`() {
        for kind in Message.Kind.allCases {
            let header = MessageHeader(MessageHeader(kind: kind, length: kind.limit).bytes)
            #expect(header?.kind == kind)
            #expect(header?.length == kind.limit)
            #expect(MessageHeader(MessageHeader(kind: kind, length: kind.limit + 1).bytes) == nil)
        }
        #expect(MessageHeader([0, 0, 0, 0, 0, 0, 0, 0]) == nil)
        #expect(MessageHeader([99, 0, 0, 0, 0, 0, 0, 0]) == nil)
        #expect(MessageHeader([1, 0, 0]) == nil)
    }

    private static var answer: MediaAnswer {
        var facts = MediaFacts(
            container: "mp4", durationSeconds: 1.5,
            video: VideoFacts(codec: "h264", width: 64, height: 36, frameRate: "30/1"),
            audio: AudioFacts(codec: "aac", channels: 2, sampleRate: 48_000))
        facts.video.profile = "High"
        return MediaAnswer(facts: facts, creationTime: Timestamp(seconds: 1_700_000_000), warnings: ["It is odd."])
    }

    @Test func `an honest answer comes out as it went in`() throws {
        let message = try JSONDecoder().decode(
            AnswerMessage.self, from: JSONEncoder().encode(AnswerMessage(Self.answer)))
        #expect(message.checked(AnswerPictures(), for: MediaRequest()) == Self.answer)
    }

    @Test func `facts that can't be are no answer`() {
        let changes: [(inout MediaAnswer) -> Void] = [
            { $0.facts.durationSeconds = 1e300 },
            { $0.facts.durationSeconds = -1 },
            { $0.facts.durationSeconds = .nan },
            { $0.facts.video.width = 0 },
            { $0.facts.video.height = .max },
            { $0.facts.video.frameRate = "30" },
            { $0.facts.video.frameRate = "\u{1B}[2J/1" },
            { $0.facts.video.sampleAspectRatio = "1/" },
            { $0.facts.video.rotation = .min },
            { $0.facts.audio?.channels = -1 },
        ]
        for (index, change) in changes.enumerated() {
            var answer = Self.answer
            change(&answer)
            #expect(AnswerMessage(answer).checked(AnswerPictures(), for: MediaRequest()) == nil, "change \(index)")
        }
    }

    @Test func `words can't steer a terminal`() {
        var answer = Self.answer
        answer.warnings = [
            "red \u{1B}[31m", "turned \u{202E}gpj.exe", "two\nlines", String(repeating: "a", count: 5_000),
        ]
        answer.facts.video.codec = "h\u{7}"
        let checked = AnswerMessage(answer).checked(AnswerPictures(), for: MediaRequest())
        #expect(checked?.warnings.prefix(3) == ["red \u{FFFD}[31m", "turned \u{FFFD}gpj.exe", "two lines"])
        #expect(checked?.warnings.last?.count == TerminalText.longest)
        #expect(checked?.facts.video.codec == "h\u{FFFD}")
    }

    @Test func `pictures must be there if they were asked for, and only then`() {
        let message = AnswerMessage(Self.answer)
        #expect(message.checked(AnswerPictures(), for: MediaRequest(thumbnails: ThumbnailRequest())) == nil)
        #expect(message.checked(AnswerPictures(thumbnails: [[0xff, 0xd8, 0xff, 0xd9]]), for: MediaRequest()) == nil)
    }

    /// What counts as a JPEG file of a size.
    private static func jpeg(_ width: Int, _ height: Int) -> [UInt8] {
        let size = [height >> 8, height & 255, width >> 8, width & 255].map { UInt8($0) }
        return [0xff, 0xd8, 0xff, 0xc0, 0, 11, 8] + size + [1, 1, 0x11, 0, 0xff, 0xd9]
    }

    @Test func `a sheet must be the one that was asked for, and have as many pictures as it says`() {
        var request = MediaRequest()
        request.sheet = SheetRequest(columns: 4, rows: 3)
        let tiles = (0..<6).map { RenderedSheet.Tile(start: $0 * 100, end: $0 * 100 + 100, frame: $0 * 100) }
        let right = RenderedSheet(
            tile: PictureSize(width: 320, height: 180), columns: 4, rows: 2, tiles: tiles, jpeg: Data())
        func checked(
            _ jpeg: [UInt8]? = Self.jpeg(1280, 360), for request: MediaRequest,
            _ change: (inout RenderedSheet) -> Void = { _ in }
        ) -> RenderedSheet? {
            var answer = Self.answer
            var sheet = right
            change(&sheet)
            answer.sheet = sheet
            return AnswerMessage(answer).checked(AnswerPictures(sheet: jpeg), for: request)?.sheet
        }
        var sent = right
        sent.jpeg = Data(Self.jpeg(1280, 360))
        #expect(checked(for: request) == sent)
        #expect(checked(nil, for: request) == nil)
        #expect(checked(for: MediaRequest()) == nil)
        #expect(checked(Self.jpeg(1280, 361), for: request) == nil)
        #expect(checked([1, 2, 3], for: request) == nil)
        let changes: [(inout RenderedSheet) -> Void] = [
            { ($0.columns, $0.tile.width) = (5, 256) }, { ($0.rows, $0.tile.height) = (4, 90) }, { $0.columns = 0 },
            { $0.tile.width = 0 }, { ($0.tile.width, $0.columns) = (640, 2) }, { $0.tiles.removeLast(2) },
            { $0.tiles += $0.tiles }, { $0.tiles[1].start = 150 }, { $0.tiles[0].start = -1 },
            { $0.tiles[2].frame = .max }, { $0.tiles[5].end = .max }, { $0.tiles = [] }, { $0.rows = .min },
        ]
        for (index, change) in changes.enumerated() {
            #expect(checked(for: request, change) == nil, "change \(index)")
        }
    }

    @Test func `candidates and their strip must be possible`() {
        var request = MediaRequest(thumbnails: ThumbnailRequest(offset: .auto))
        request.showsCandidates = true
        func checked(
            _ candidates: [PictureCandidate], strip: [UInt8]?, for request: MediaRequest
        ) -> MediaAnswer? {
            var answer = Self.answer
            answer.thumbnails = RenderedThumbnails(
                frameTime: .zero, usedOffsetMilliseconds: 0, large: Data(), small: Data())
            answer.thumbnails?.candidates = candidates
            answer.thumbnails?.reason = "It is\u{7} best."
            let pictures = AnswerPictures(thumbnails: [Self.jpeg(856, 424), Self.jpeg(424, 208)], strip: strip)
            return AnswerMessage(answer).checked(pictures, for: request)
        }
        let good = PictureCandidate(milliseconds: 5, score: 700, condition: .good)
        let answer = checked([good], strip: Self.jpeg(1280, 720), for: request)
        #expect(answer?.thumbnails?.candidates == [good] && answer?.strip?.isEmpty == false)
        #expect(answer?.thumbnails?.reason == "It is\u{FFFD} best.")
        #expect(checked([good], strip: Self.jpeg(1281, 720), for: request) == nil)
        #expect(checked([], strip: Self.jpeg(1280, 720), for: request) == nil)
        request.showsCandidates = false
        #expect(checked([good], strip: Self.jpeg(1280, 720), for: request) == nil)
        #expect(checked([good], strip: nil, for: request) != nil)
        #expect(checked([PictureCandidate](repeating: good, count: 14), strip: nil, for: request) == nil)
        for candidate in [
            PictureCandidate(milliseconds: -1, score: 1, condition: .good),
            PictureCandidate(milliseconds: 1, score: 1001, condition: .good),
        ] { #expect(checked([candidate], strip: nil, for: request) == nil) }
    }
}
