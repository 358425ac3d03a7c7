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
    var reason: String?
    var candidates: [PictureCandidate]
    var stretches: FoundStretches?
    /// Without its picture.
    var sheet: RenderedSheet?
    var decodedFrames: Int
    var warnings: [String]

    package init(_ answer: MediaAnswer) {
        facts = answer.facts.cleaned
        creationTime = answer.creationTime
        creationDate = answer.creationDate
        frameTime = answer.thumbnails?.frameTime
        usedOffsetMilliseconds = answer.thumbnails?.usedOffsetMilliseconds
        reason = answer.thumbnails?.reason.map { TerminalText.onOneLine($0) }
        candidates = answer.thumbnails?.candidates ?? []
        stretches = answer.stretches
        sheet = answer.sheet
        sheet?.jpeg = Data()
        decodedFrames = answer.decodedFrames
        warnings = answer.warnings.prefix(Self.mostWarnings).map { TerminalText.onOneLine($0) }
    }

    /// So many of `TerminalText.longest` fit in a frame.
    private static let mostWarnings = 32
}

/// The pictures of an answer as they came, each a file.
struct AnswerPictures {
    /// The large one, then the small one.
    var thumbnails: [[UInt8]] = []
    var sheet: [UInt8]?
    var strip: [UInt8]?
}

// MARK: - What is believed of a worker

extension AnswerMessage {
    /// The answer, if it can be one to `request`: a worker may have been taken over by the file that it read, so
    /// nothing that it says may harm whoever shows, stores or calculates with it. Nil if it can't.
    func checked(_ pictures: AnswerPictures, for request: MediaRequest) -> MediaAnswer? {
        guard isPossible, warnings.count <= Self.mostWarnings, decodedFrames >= 0 else { return nil }
        var answer = MediaAnswer(
            facts: facts, creationTime: creationTime, warnings: warnings.map { TerminalText.onOneLine($0) })
        answer.facts = facts.cleaned
        answer.facts.dateRecordedFrom = nil
        if !request.hashesVideo { answer.facts.video.codedSHA256 = nil }
        answer.creationDate = creationDate
        answer.stretches = request.stretches == nil ? nil : stretches
        answer.decodedFrames = decodedFrames
        switch (request.sheet, pictures.sheet) {
        case (nil, nil): break
        case (let wanted?, let jpeg?):
            guard let sheet = checkedSheet(wanted, jpeg) else { return nil }
            answer.sheet = sheet
        default: return nil
        }
        if let strip = pictures.strip {
            guard request.showsCandidates, !candidates.isEmpty, let size = JPEGHeader.size(of: strip),
                size.width <= Self.largestStrip.width, size.height <= Self.largestStrip.height
            else { return nil }
            answer.strip = Data(strip)
        }
        guard request.thumbnails != nil else { return pictures.thumbnails.isEmpty ? answer : nil }
        answer.thumbnails = checkedThumbnails(pictures.thumbnails)
        return answer.thumbnails == nil ? nil : answer
    }

    private func checkedThumbnails(_ pictures: [[UInt8]]) -> RenderedThumbnails? {
        guard let frameTime, let usedOffsetMilliseconds, usedOffsetMilliseconds >= 0, pictures.count == 2,
            JPEGHeader.size(of: pictures[0]) == .largeThumbnail,
            JPEGHeader.size(of: pictures[1]) == .smallThumbnail,
            candidates.count <= Self.mostCandidates,
            candidates.allSatisfy({ (0...1000).contains($0.score) && Self.times.contains($0.milliseconds) })
        else { return nil }
        var thumbnails = RenderedThumbnails(
            frameTime: frameTime, usedOffsetMilliseconds: usedOffsetMilliseconds, large: Data(pictures[0]),
            small: Data(pictures[1]))
        thumbnails.reason = reason.map { TerminalText.onOneLine($0) }
        thumbnails.candidates = candidates
        return thumbnails
    }

    /// The sheet that was asked for: no larger, with as many pictures as its tiles say.
    private func checkedSheet(_ wanted: SheetRequest, _ jpeg: [UInt8]) -> RenderedSheet? {
        guard var sheet, (1...wanted.columns).contains(sheet.columns), (1...wanted.rows).contains(sheet.rows),
            (1...wanted.largestTile.width).contains(sheet.tile.width),
            (1...wanted.largestTile.height).contains(sheet.tile.height),
            (sheet.columns * (sheet.rows - 1) + 1...sheet.columns * sheet.rows).contains(sheet.tiles.count),
            JPEGHeader.size(of: jpeg) == sheet.size,
            sheet.tiles.allSatisfy({ Self.times.contains($0.frame) && $0.start >= 0 && $0.start < $0.end }),
            zip(sheet.tiles, sheet.tiles.dropFirst()).allSatisfy({ $0.end == $1.start }),
            sheet.tiles.allSatisfy({ Self.times.contains($0.end) })
        else { return nil }
        sheet.jpeg = Data(jpeg)
        return sheet
    }

    /// Keyframes, and one frame more.
    private static let mostCandidates = 13
    /// Four columns and rows of 320 x 180 pixels.
    private static let largestStrip = PictureSize(width: 1280, height: 720)
    /// Milliseconds.
    private static let times: ClosedRange<Int64> = 0...1_000_000_000_000_000

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
