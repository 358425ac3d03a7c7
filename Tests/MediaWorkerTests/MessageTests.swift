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
        #expect(message.checked([], for: MediaRequest()) == Self.answer)
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
            #expect(AnswerMessage(answer).checked([], for: MediaRequest()) == nil, "change \(index)")
        }
    }

    @Test func `words can't steer a terminal`() {
        var answer = Self.answer
        answer.warnings = [
            "red \u{1B}[31m", "turned \u{202E}gpj.exe", "two\nlines", String(repeating: "a", count: 5_000),
        ]
        answer.facts.video.codec = "h\u{7}"
        let checked = AnswerMessage(answer).checked([], for: MediaRequest())
        #expect(checked?.warnings.prefix(3) == ["red \u{FFFD}[31m", "turned \u{FFFD}gpj.exe", "two lines"])
        #expect(checked?.warnings.last?.count == TerminalText.longest)
        #expect(checked?.facts.video.codec == "h\u{FFFD}")
    }

    @Test func `pictures must be there if they were asked for, and only then`() {
        let message = AnswerMessage(Self.answer)
        #expect(message.checked([], for: MediaRequest(thumbnails: ThumbnailRequest())) == nil)
        #expect(message.checked([[0xff, 0xd8, 0xff, 0xd9]], for: MediaRequest()) == nil)
    }
}
