package import ClipModel
import FoundationEssentials

/// A `MediaAnswer` on its way, without its pictures, which go beside it.
package struct AnswerMessage: Codable {
    var facts: MediaFacts
    var creationTime: Timestamp?
    var creationDate: Timestamp?
    var frameTime: MediaTime?
    var usedOffsetMilliseconds: Int64?
    var warnings: [String]

    package init(_ answer: MediaAnswer) {
        facts = answer.facts.cleaned
        creationTime = answer.creationTime
        creationDate = answer.creationDate
        frameTime = answer.thumbnails?.frameTime
        usedOffsetMilliseconds = answer.thumbnails?.usedOffsetMilliseconds
        warnings = answer.warnings.prefix(Self.mostWarnings).map { CleanText.of($0) }
    }

    /// So many of `CleanText.longest` fit in a frame.
    private static let mostWarnings = 32
}

// MARK: - What is believed of a worker

extension AnswerMessage {
    /// The answer, if it can be one to `request`: a worker may have been taken over by the file that it read, so
    /// nothing that it says may harm whoever shows, stores or calculates with it. Nil if it can't.
    func checked(_ pictures: [[UInt8]], for request: MediaRequest) -> MediaAnswer? {
        guard isPossible, warnings.count <= Self.mostWarnings else { return nil }
        var answer = MediaAnswer(
            facts: facts, creationTime: creationTime, warnings: warnings.map { CleanText.of($0) })
        answer.facts = facts.cleaned
        answer.facts.dateRecordedFrom = nil
        answer.creationDate = creationDate
        guard request.thumbnails != nil else { return pictures.isEmpty ? answer : nil }
        guard let frameTime, let usedOffsetMilliseconds, usedOffsetMilliseconds >= 0, pictures.count == 2,
            JPEGHeader.size(of: pictures[0]) == .largeThumbnail, JPEGHeader.size(of: pictures[1]) == .smallThumbnail
        else { return nil }
        answer.thumbnails = RenderedThumbnails(
            frameTime: frameTime, usedOffsetMilliseconds: usedOffsetMilliseconds, large: Data(pictures[0]),
            small: Data(pictures[1]))
        return answer
    }

    private var isPossible: Bool {
        let video = facts.video
        let sides = 1...(1 << 16)
        return (0...1e12).contains(facts.durationSeconds)
            && sides.contains(video.width) && sides.contains(video.height)
            && Self.isFraction(video.frameRate) && Self.isFraction(video.sampleAspectRatio)
            && (-360...360).contains(video.rotation)
            && (facts.videoTracks.map { (2...10_000).contains($0) } ?? true)
            && [video.minFrameRate, video.maxFrameRate].allSatisfy { $0.map(Self.isFraction) ?? true }
            && (facts.audioTracks ?? []).allSatisfy { $0.channels >= 0 && $0.sampleRate >= 0 }
            && (facts.audioTracks ?? []).count <= MediaFacts.mostTracks
            && (facts.chapters ?? []).count <= MediaFacts.mostChapters
            && (facts.chapters ?? []).allSatisfy { (0...1e12).contains($0.startSeconds) }
            && (facts.audio.map { $0.channels >= 0 && $0.sampleRate >= 0 } ?? true)
    }

    private static func isFraction(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        return parts.count == 2 && parts.allSatisfy { (1...19).contains($0.count) && $0.allSatisfy(digits.contains) }
    }
}

extension MediaError {
    /// What a worker refuses a file for, in words that can be shown.
    package var cleaned: MediaError { MediaError(kind, CleanText.of(message)) }
}
