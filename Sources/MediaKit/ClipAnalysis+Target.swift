import CFFmpeg
import ClipModel

/// Which frame the thumbnails show.
struct ThumbnailTarget {
    var shown: Timeline.Shown
    /// Names the frame in the request; nil: the first whole millisecond at which it is on show.
    var milliseconds: Int64?
    /// Why it is this one, as a sentence.
    var reason: String?
    /// What it was chosen among.
    var candidates: [(frame: Int, candidate: PictureCandidate)] = []
    var warnings: [String] = []
}

extension ClipAnalysis {
    /// What is asked for; without a request, the first frame. Throws `offsetPastEnd`, and as decoding does.
    mutating func target(of request: ThumbnailRequest?) throws(MediaError) -> ThumbnailTarget {
        guard let request else { return ThumbnailTarget(shown: timeline.shown(at: 0, in: table)) }
        switch request.offset {
        case .milliseconds(let milliseconds): return try target(at: milliseconds, request.whenPastEnd)
        case .percent(let percent):
            // The last frame is the one that is there at the end.
            let last = stream.milliseconds(timeline.duration - 1, rounding: AV_ROUND_DOWN)
            let end = stream.milliseconds(timeline.duration, rounding: AV_ROUND_DOWN)
            let (product, overflow) = end.multipliedReportingOverflow(by: Int64(min(max(percent, 0), 100)))
            var target = try target(at: overflow ? last : min(last, product / 100), .lastFrame)
            target.reason = "It is on show at \(percent)% of the duration."
            return target
        case .chapter(let title):
            let named = title.map { "chapter \"\($0)\"" }
            guard let start = chapterStart(titled: title) else {
                var target = try bestTarget()
                let lack = "There is no \(named ?? "chapter")."
                target.reason = lack + (target.reason.map { " \($0)" } ?? "")
                target.warnings.append("\(lack) The thumbnail is chosen by what its picture shows.")
                return target
            }
            var target = try target(at: start, request.whenPastEnd)
            target.reason = "The \(named ?? "chapter") begins there."
            return target
        case .auto: return try bestTarget()
        }
    }

    private func target(
        at milliseconds: Int64, _ whenPastEnd: ThumbnailRequest.PastEnd
    ) throws(MediaError) -> ThumbnailTarget {
        let offset = stream.units(milliseconds: milliseconds)
        guard offset >= timeline.duration else {
            return ThumbnailTarget(
                shown: timeline.shown(at: offset, in: table), milliseconds: max(0, milliseconds))
        }
        guard whenPastEnd == .lastFrame else {
            throw MediaError(
                .offsetPastEnd,
                """
                The thumbnail's offset of \(milliseconds) ms is past the end of the video \
                (\(stream.time(timeline.duration).milliseconds) ms).
                """)
        }
        return ThumbnailTarget(shown: timeline.lastShown(in: table))
    }

    /// In milliseconds after the first picture that is shown.
    private func chapterStart(titled title: String?) -> Int64? {
        guard let start = container.chapterStart(titled: title, after: stream.time(timeline.origin)) else { return nil }
        let base = AVRational(num: 1, den: Int32(clamping: start.timescale))
        let units = av_rescale_q_rnd(start.value, base, stream.timeBase, AV_ROUND_UP)
        return milliseconds(naming: units.subtractingClamped(timeline.origin))
    }

    // MARK: By what is in the picture

    private var chooser: PictureChooser {
        PictureChooser(stream: stream, table: table, timeline: timeline, tools: tools)
    }

    private mutating func bestTarget() throws(MediaError) -> ThumbnailTarget {
        guard let choice = try chooser.best(&search) else {
            var target = try target(at: ThumbnailRequest.usualOffset, .lastFrame)
            target.warnings.append(
                "No keyframe can be decoded by itself, so the thumbnail is not chosen but taken at 3 s.")
            return target
        }
        var target = target(choice)
        let count = choice.candidates.count
        let condition = choice.chosen.condition
        target.reason =
            "It is the best of \(count) \(count == 1 ? "picture" : "pictures") by contrast, detail, colour and brightness: "
            + "\(choice.chosen.score) of 1000" + (condition == .good ? "." : ", though \(condition.inWords).")
        if condition.isBlank {
            target.warnings.append(
                "No picture worth showing was found; the one that is shown is \(condition.rawValue).")
        }
        return target
    }

    /// The next frame that is not blank; nil where the frame found at the target is none to be passed over.
    mutating func targetInstead(
        of target: ThumbnailTarget, _ found: Int
    ) throws(MediaError) -> ThumbnailTarget? {
        guard target.candidates.isEmpty else { return nil }
        var condition = try SmallPicture(search.frame, tools).condition
        if search.isDamaged { condition = .damaged }
        guard condition.isBlank else { return nil }
        let time = target.milliseconds ?? milliseconds(naming: target.shown.since)
        let blank = "The picture at \(time) ms is \(condition.rawValue)"
        guard let choice = try chooser.next(after: found, since: target.shown.since, &search) else {
            warn("\(blank), and none that is not was found after it; it is shown all the same.")
            return nil
        }
        var other = self.target(choice)
        other.reason = (target.reason.map { "\($0) " } ?? "") + "\(blank); this is the next that is not."
        other.warnings = target.warnings
        return other
    }

    private func target(_ choice: PictureChooser.Choice) -> ThumbnailTarget {
        let since = choice.chosen.since
        var target = ThumbnailTarget(
            shown: Timeline.Shown(place: table.place(of: choice.chosen.number), since: since),
            milliseconds: milliseconds(naming: since))
        target.candidates = choice.candidates.map { found in
            var candidate = PictureCandidate(
                milliseconds: milliseconds(naming: found.since), score: found.score, condition: found.condition)
            candidate.isChosen = found.number == choice.chosen.number
            return (found.number, candidate)
        }
        return target
    }
}

extension PictureCandidate.Condition {
    fileprivate var inWords: String {
        switch self {
        case .good: "it is good"
        case .still: "the picture stands still there"
        case .fading: "it is on its way to another picture"
        case .empty: "nearly all of it is of one shade"
        case .faded: "all of it is nearly of the same brightness"
        case .black: "it is black"
        case .white: "it is white"
        case .damaged: "it is damaged"
        }
    }
}
