package import ClipModel
import FoundationEssentials
import Support

/// A `MediaAnswer` on its way, without its pictures, which go beside it.
package struct AnswerMessage: Codable {
    var facts: MediaFacts
    var creationTime: Timestamp?
    var creationDate: Timestamp?
    var frameTime: MediaTime?
    var usedOffsetMilliseconds: Int64?
    var stretches: FoundStretches?
    var warnings: [String]

    package init(_ answer: MediaAnswer) {
        facts = answer.facts.cleaned
        creationTime = answer.creationTime
        creationDate = answer.creationDate
        frameTime = answer.thumbnails?.frameTime
        usedOffsetMilliseconds = answer.thumbnails?.usedOffsetMilliseconds
        stretches = answer.stretches
        warnings = answer.warnings.prefix(Self.mostWarnings).map { TerminalText.onOneLine($0) }
    }

    /// So many of `TerminalText.longest` fit in a frame.
    private static let mostWarnings = 32
}

// MARK: - What is believed of a worker

extension AnswerMessage {
    /// The answer, if it can be one to `request`: a worker may have been taken over by the file that it read, so
    /// nothing that it says may harm whoever shows, stores or calculates with it. Nil if it can't.
    func checked(_ pictures: [[UInt8]], for request: MediaRequest) -> MediaAnswer? {
        guard isPossible, warnings.count <= Self.mostWarnings else { return nil }
        var answer = MediaAnswer(
            facts: facts, creationTime: creationTime, warnings: warnings.map { TerminalText.onOneLine($0) })
        answer.facts = facts.cleaned
        answer.facts.dateRecordedFrom = nil
        if !request.hashesVideo { answer.facts.video.codedSHA256 = nil }
        answer.creationDate = creationDate
        answer.stretches = request.stretches == nil ? nil : stretches
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
        let found = [stretches?.black, stretches?.frozen, stretches?.silent].compactMap(\.self)
        return (0...1e12).contains(facts.durationSeconds)
            && found.allSatisfy { (-1e12...1e12).contains($0.start) && (-1e12...1e12).contains($0.end) }
            && sides.contains(video.width) && sides.contains(video.height)
            && Self.isFraction(video.frameRate) && Self.isFraction(video.sampleAspectRatio)
            && (-360...360).contains(video.rotation)
            && (facts.videoTracks.map { (2...10_000).contains($0) } ?? true)
            && [video.minFrameRate, video.maxFrameRate].allSatisfy { $0.map(Self.isFraction) ?? true }
            && (facts.audioTracks ?? []).allSatisfy { $0.channels >= 0 && $0.sampleRate >= 0 }
            && (facts.audioTracks ?? []).count <= MediaFacts.mostTracks
            && (facts.chapters ?? []).count <= MediaFacts.mostChapters
            && (facts.chapters ?? []).allSatisfy { (0...1e12).contains($0.startSeconds) }
            && (video.colour?.bitDepth.map { (1...32).contains($0) } ?? true)
            && (video.hdrMetadata?.isPossible ?? true)
            && (facts.audio.map { $0.channels >= 0 && $0.sampleRate >= 0 } ?? true)
    }

    private static func isFraction(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        return parts.count == 2 && parts.allSatisfy { (1...19).contains($0.count) && $0.allSatisfy(digits.contains) }
    }
}

extension HDRMetadata {
    /// Numbers are what they may be in the boxes that they come from.
    fileprivate var isPossible: Bool {
        let display = masteringDisplay
        let points = [display?.red, display?.green, display?.blue, display?.white].compactMap(\.self)
        let luminances = [display?.minLuminance, display?.maxLuminance].compactMap(\.self)
        let levels = [contentLight?.max, contentLight?.average, dolbyVision?.profile, dolbyVision?.level]
        return points.allSatisfy { $0.count == 2 } && (points.flatMap(\.self) + luminances).allSatisfy { $0 >= 0 }
            && levels.allSatisfy { ($0 ?? 0) >= 0 }
    }
}

extension MediaError {
    /// What a worker refuses a file for, in words that can be shown.
    package var cleaned: MediaError { MediaError(kind, TerminalText.onOneLine(message), code: code) }
}
